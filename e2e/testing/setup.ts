// Real processes on a busy machine: slow is not broken.
jest.setTimeout(120_000);
