"""Publishes the heartbeats of a model reader to Signalbox. The README of the package has examples."""
from ._broker import LogLine
from ._host import ReaderHost, start_reader, start_reader_host
from ._model_server import ModelServerReader, start_model_server_reader
from ._options import OptionError
from ._reader import Reader, ReaderStatus
from ._stop import StopCommand

__all__ = [
    "LogLine",
    "ModelServerReader",
    "OptionError",
    "Reader",
    "ReaderHost",
    "ReaderStatus",
    "StopCommand",
    "start_model_server_reader",
    "start_reader",
    "start_reader_host",
]
