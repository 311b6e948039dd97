import os
import tempfile
import threading
import time
import unittest

from signalbox_reader import OptionError, start_model_server_reader
from signalbox_reader._credentials import objection
from signalbox_reader._options import checked, checked_destination, identity_of


def identity(**change):
    given = dict(
        reader_id="r-1",
        consumer_name=None,
        consumer_groups=["primary"],
        model_name="m",
        model_type="chat",
        device="cpu",
        pids=None,
        heartbeat_wait_interval=10,
        backend=None,
        config=None,
    )
    return identity_of(**{**given, **change})


class Options(unittest.TestCase):
    def test_identity_has_the_reader_id_as_name_and_this_process(self):
        found = checked(identity())
        self.assertEqual(found.consumer_name, "r-1")
        self.assertEqual(len(found.pids), 1)
        self.assertEqual(set(found.body()) & {"backend", "config"}, set())

    def test_every_wrong_member_is_named_at_once(self):
        with self.assertRaisesRegex(OptionError, "reader_id: .*device: .*consumer_groups: .*pids.1: "):
            checked(identity(reader_id="", device="a\ud800", consumer_groups="primary", pids=[1, True]))

    def test_texts_are_counted_in_code_points(self):
        checked(identity(device="\N{GRINNING FACE}" * 100))
        with self.assertRaisesRegex(OptionError, "device: "):
            checked(identity(device="\N{GRINNING FACE}" * 101))

    def test_credentials_are_found_by_the_end_of_a_name(self):
        for name in ("hf_token", "apiKey", "db-password", "Secret", "AWS_SECRET_ACCESS_KEY", "credentials"):
            self.assertRegex(str(objection({"a": [{name: 1}]})), r"^config\.a\.0\.\S+ looks like a credential$")
        self.assertIsNone(objection({"max_tokens": 1, "tokenizer": {"tokens": [1, "password"]}}))

    def test_a_configuration_that_is_deep_or_no_json_is_refused(self):
        deep = {}
        for _ in range(20):
            deep = {"a": deep}
        for config in (deep, {"a": object()}, {"a": float("nan")}):
            with self.assertRaisesRegex(OptionError, "config: "):
                checked(identity(config=config))

    def test_a_url_is_never_quoted(self):
        for url in ("me:s3cret@broker", "http://me:s3cret@b/", "amqp://me:s3cret@:port/", "amqp:s3cret", "amqp://me:s3cret@b:99999/"):
            with self.assertRaises(OptionError) as caught:
                checked_destination(url, None, "x", None)
            self.assertNotIn("s3cret", str(caught.exception))

    def test_options_of_a_model_server_are_named(self):
        given = dict(identity().body(), url="amqp://b", health_url="http://127.0.0.1/")
        for name, value in [
            ("health_url", "127.0.0.1:8000"),
            ("health_url", "http://a:b@c/"),
            ("probe_interval", 0),
            ("probe_timeout", float("nan")),
            ("probe_failures", 1.5),
            ("stop_timeout", 3601),
            ("command", []),
            ("command", "serve"),
        ]:
            with self.subTest(name=name, value=value), self.assertRaisesRegex(OptionError, f"{name}: must"):
                start_model_server_reader(**{**given, name: value})

    def test_no_command_is_started_on_a_thread_that_cannot_handle_signals(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "started")
            given = dict(identity().body(), url="amqp://b", health_url="http://127.0.0.1/", stop_on_sigterm=True)
            problems = []

            def start():
                try:
                    start_model_server_reader(**given, command=["touch", file])
                except OptionError as error:
                    problems.append(str(error))

            thread = threading.Thread(target=start)
            thread.start()
            thread.join()
            time.sleep(0.2)
            self.assertRegex(problems[0], "stop_on_sigterm: ")
            self.assertFalse(os.path.exists(file))


if __name__ == "__main__":
    unittest.main()
