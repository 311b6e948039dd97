#!/usr/bin/env python3
"""A small model server: it learns which word follows which from a text, and continues prompts. It needs nothing but Python.

    python3 examples/model-server.py --port 8000 --load-seconds 3
    curl http://127.0.0.1:8000/health                                   503 while it loads, then 200
    curl -d '{"prompt": "the reader"}' http://127.0.0.1:8000/generate

examples/model-reader.mjs and examples/model-reader.py show it in Signalbox.
"""
import argparse
import json
import random
import signal
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MOST_BYTES = 65_536
WORDS = 20


class Model:
    """Which words follow each word; empty until it is loaded."""

    def __init__(self):
        self.following = defaultdict(list)
        self.is_loaded = threading.Event()

    def load(self, file, seconds):
        words = file.read_text(encoding="utf-8").lower().split()
        for word, following in zip(words, words[1:]):
            self.following[word].append(following)
        time.sleep(seconds)  # as a model of some gigabytes takes
        self.is_loaded.set()

    def generate(self, prompt):
        words = prompt.lower().split() or ["the"]
        for _ in range(WORDS):
            words.append(random.choice(self.following.get(words[-1]) or list(self.following)))
        return " ".join(words)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/health":
            is_loaded = self.server.model.is_loaded.is_set()
            return self.answer(200 if is_loaded else 503, {"state": "ready" if is_loaded else "loading"})
        self.answer(404, {"error": "only /health and /generate are served"})

    def do_POST(self):
        if self.path != "/generate":
            return self.answer(404, {"error": "only /health and /generate are served"})
        if not self.server.model.is_loaded.is_set():
            return self.answer(503, {"error": "the model is loading"})
        try:
            body = json.loads(self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MOST_BYTES)))
            self.answer(200, {"text": self.server.model.generate(str(body["prompt"]))})
        except (ValueError, KeyError, TypeError):
            self.close_connection = True
            self.answer(400, {"error": 'send {"prompt": "..."}'})

    def answer(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description="A small model server: GET /health, POST /generate.")
    parser.add_argument("--port", type=int, default=8000, help="on 127.0.0.1 (8000)")
    parser.add_argument("--load-seconds", type=float, default=3, help="how long it loads (3)")
    parser.add_argument("--text", type=Path, default=Path(__file__).parent.parent / "README.md", help="what it learns from")
    given = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", given.port), Handler)
    server.model = Model()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    threading.Thread(target=server.model.load, args=(given.text, given.load_seconds), daemon=True).start()
    server.serve_forever(0.1)


if __name__ == "__main__":
    main()
