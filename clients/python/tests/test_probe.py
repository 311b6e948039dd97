import http.server
import threading
import unittest
from urllib.parse import urlsplit

from signalbox_reader._probe import probe


class Server:
    """Answers every request with what `answer` writes."""

    def __init__(self, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                paths.append(self.path)
                try:
                    answer(self)
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        self.paths = paths = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = urlsplit(f"http://127.0.0.1:{self.server.server_port}/health?a=1")

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Probes(unittest.TestCase):
    def test_only_2xx_is_healthy_and_redirects_are_not_followed(self):
        for status, healthy in [(200, True), (204, True), (302, False), (404, False), (503, False)]:
            def answer(handler):
                handler.send_response(status)
                handler.send_header("Location", "/elsewhere")
                handler.end_headers()

            with self.subTest(status=status), Server(answer) as server:
                self.assertEqual((probe(server.url, 5), server.paths), (healthy, ["/health?a=1"]))

    def test_a_bounded_part_of_a_body_is_read(self):
        def answer(handler):
            handler.send_response(200)
            handler.end_headers()
            while True:
                handler.wfile.write(b"a" * 16_384)

        with Server(answer) as server:
            self.assertTrue(probe(server.url, 5))

    def test_a_server_that_is_late_with_its_body_is_not_healthy(self):
        done = threading.Event()

        def answer(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
            while not done.wait(0.02):  # each read is in time
                handler.wfile.write(b"a")

        with Server(answer) as server:
            self.assertFalse(probe(server.url, 0.2))
            done.set()
        self.assertFalse(probe(urlsplit("http://127.0.0.1:1/"), 1))


if __name__ == "__main__":
    unittest.main()
