import { splitTarget } from "./request-target";
import { parseUpstreamUrl, upstreamPath, withClientQuery } from "./upstream-url";

const CHAT = "/v1/chat/completions";

test.each<[string, "AutoConcat" | "FixedPath", string, string, string]>([
  ["https://h", "AutoConcat", "", "https://h", CHAT],
  ["https://h/", "AutoConcat", "", "https://h", CHAT],
  ["https://h:8443/api", "AutoConcat", "", "https://h:8443", `/api${CHAT}`],
  ["https://h/api/", "AutoConcat", "", "https://h", `/api${CHAT}`],
  ["https://H.example/A/../b//%7e", "AutoConcat", "", "https://h.example", `/A/../b//%7e${CHAT}`],
  ["http://[::1]:80/x", "AutoConcat", "", "http://[::1]", `/x${CHAT}`],
  ["https://h", "FixedPath", "", "https://h", "/"],
  ["https://h/v2/chat/", "FixedPath", "", "https://h", "/v2/chat/"],
  ["https://h?a=1", "FixedPath", "", "https://h", "/?a=1"],
  // The client's query is appended.
  ["https://h", "AutoConcat", "?a=1&b=%20", "https://h", `${CHAT}?a=1&b=%20`],
  ["https://h", "AutoConcat", "?", "https://h", CHAT],
  ["https://h", "AutoConcat", "?&&a=1&", "https://h", `${CHAT}?a=1`],
  ["https://h?v=1", "AutoConcat", "?a=1", "https://h", `${CHAT}?v=1&a=1`],
  ["https://h/fixed?v=1", "FixedPath", "?a=1", "https://h", "/fixed?v=1&a=1"],
  // A parameter that the URL has already wins, in whatever form the client writes its name.
  ["https://h?api-version=1", "AutoConcat", "?api-version=2&a=1", "https://h", `${CHAT}?api-version=1&a=1`],
  ["https://h?api-version=1", "AutoConcat", "?api%2Dversion=2", "https://h", `${CHAT}?api-version=1`],
  ["https://h?a+b=1", "AutoConcat", "?a%20b=2&API-VERSION=3", "https://h", `${CHAT}?a+b=1&API-VERSION=3`],
  // `key` carries a credential.
  ["https://h", "AutoConcat", "?key=secret", "https://h", CHAT],
  ["https://h", "AutoConcat", "?a=1&%6Bey=secret&key&keys=1", "https://h", `${CHAT}?a=1&keys=1`],
  ["https://h", "AutoConcat", "?%zz=1", "https://h", `${CHAT}?%zz=1`],
])("%s, %s, the client's query %j", (upstreamUrl, upstreamUrlMode, query, origin, path) => {
  const url = parseUpstreamUrl({ upstreamUrl, upstreamUrlMode });
  expect(url.origin).toBe(origin);
  expect(withClientQuery(upstreamPath(url, CHAT), query)).toBe(path);
});

test.each([
  ["/v1/models", "/v1/models", ""],
  ["/v1/models?", "/v1/models", "?"],
  ["/v1/models?a=?b", "/v1/models", "?a=?b"],
  ["/v1/models?a=1#b?c", "/v1/models", "?a=1"],
  ["/v1/models#b?c", "/v1/models#b", "?c"],
  ["//v1/models", "//v1/models", ""],
  ["/v1//x://y/z?a", "/v1//x://y/z", "?a"],
  ["http://host/v1/models?a=1", "/v1/models", "?a=1"],
  ["HTTP://host:80/v1/models", "/v1/models", ""],
  ["http://user@host//x", "//x", ""],
  ["http://host", "", ""],
  ["http://host?a=/b", "", "?a=/b"],
  ["*", "*", ""],
  ["host:443", "host:443", ""],
])("the request target %s", (target, path, query) => {
  expect(splitTarget(target)).toEqual({ path, query });
});
