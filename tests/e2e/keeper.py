"""A server in front of the sandbox that keeps what the sandbox does not: documents, and headers."""
import contextlib
import http.client
import http.server
import threading
import urllib.parse


class Keeper(http.server.ThreadingHTTPServer):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            back = http.client.HTTPConnection(self.server.behind)
            back.request(self.command, self.path, body or None, dict(self.headers.items()))
            self.server.kept.append((self.command, self.path, dict(self.headers.items()), body))
            with contextlib.closing(back), contextlib.suppress(http.client.HTTPException):
                answer = back.getresponse()
                said = answer.read()
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers["Content-Type"])
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)
                return
            self.close_connection = True

        do_GET = do_POST = do_PATCH = pass_on

        def log_message(self, *_):
            pass

    def __init__(self, url):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.behind, self.kept = urllib.parse.urlsplit(url).netloc, []
        self.url = f"http://127.0.0.1:{self.server_port}/api"
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def posts(self, end):
        """Headers and body of every POST to a path with that end, in the order of their arrival."""
        return [(headers, body) for method, path, headers, body in self.kept if method == "POST" and path.endswith(end)]

    def close(self):
        self.shutdown()
        self.thread.join()
        self.server_close()
