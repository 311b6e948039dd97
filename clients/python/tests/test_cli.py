import os
import signal
import sys
import threading
import unittest
from unittest import mock

from signalbox_reader import cli

ARGUMENTS = ["signalbox-reader", "--id", "r-1", "--model", "m", "--health", "http://127.0.0.1:1/"]


class Command(unittest.TestCase):
    def setUp(self):
        for number in cli.FORWARDED:
            self.addCleanup(signal.signal, number, signal.getsignal(number))

    def test_a_signal_ends_the_command_also_without_standard_input(self):
        self.assert_ends_by(lambda: os.kill(os.getpid(), signal.SIGINT))

    def test_a_signal_that_does_not_interrupt_the_wait_ends_the_command_too(self):
        self.assert_ends_by(lambda: signal.pthread_kill(threading.get_ident(), signal.SIGINT))

    def assert_ends_by(self, send):
        patches = (
            mock.patch.object(sys, "argv", [*ARGUMENTS, "--", "sleep", "60"]),
            mock.patch.object(sys, "stdin", None),
            mock.patch.object(cli, "print_line"),
            mock.patch.dict(os.environ, {"READER_RABBITMQ_URL": "amqp://127.0.0.1:1"}),
        )
        for each in patches:
            each.start()
            self.addCleanup(each.stop)
        threading.Timer(0.5, send).start()
        self.assertEqual(cli.main(), 128 + signal.SIGINT)


if __name__ == "__main__":
    unittest.main()
