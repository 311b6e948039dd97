import unittest

from signalbox_reader._backoff import backoff
from signalbox_reader._beats import Beating, batch_of, next_due_at
from signalbox_reader._options import Identity
from signalbox_reader._probe import Health, after_probe


def reader(due_at, interval=10, size=100, **more):
    made = Beating("boot", Identity("r", "r", [], "m", "chat", "cpu", [], interval, **more))
    made.due_at = due_at
    made.size = size
    return made


class Rhythm(unittest.TestCase):
    def test_a_message_has_the_readers_that_are_due_and_those_that_soon_are(self):
        self.assertEqual(batch_of([reader(1.1), reader(1.5)], 1.0), [])
        due, soon, later, slow = reader(1.0), reader(2.0), reader(2.1), reader(2.5, interval=600)
        self.assertEqual(batch_of([slow, later, soon, due], 1.0), [soon, due][::-1])

    def test_a_message_is_bounded(self):
        batch = batch_of([reader(1.5) for _ in range(600)] + [reader(0.0) for _ in range(600)], 1.0)
        self.assertEqual((len(batch), sum(each.due_at == 0 for each in batch)), (1_000, 600))
        self.assertEqual(len(batch_of([reader(0, size=600_000), reader(0, size=400_001)], 1.0)), 1)
        self.assertEqual(len(batch_of([reader(0, size=2_000_000), reader(0)], 1.0)), 1)

    def test_heartbeats_are_numbered_and_due_again_after_their_interval(self):
        one = reader(0.0, config={"a": 1})
        beats = [one.build(float(second)) for second in (0, 10, 60, 61)]
        self.assertEqual([beat["seq"] for beat in beats], [1, 2, 3, 4])
        self.assertEqual([("config" in beat) for beat in beats], [True, False, True, False])
        self.assertEqual(next_due_at([one, reader(80.0)]), 71.0)
        one.describe(one.identity)
        self.assertIn("config", one.build(62.0))

    def test_backoff_doubles_and_spreads(self):
        self.assertEqual([backoff(n, 1) for n in (1, 2, 3, 5, 6, 1_000)], [0.25, 0.5, 1.0, 4.0, 5.0, 5.0])
        self.assertEqual([backoff(6, n) for n in (0, 0.5, 1)], [2.5, 3.75, 5.0])

    def test_health_changes_after_one_answer_and_after_several_failures(self):
        health, seen = Health(), ""
        for probe in "--+--+---+":
            health = after_probe(health, probe == "+", 3)
            seen += health.state[0]
        self.assertEqual(seen, "llrrrrrrlr")


if __name__ == "__main__":
    unittest.main()
