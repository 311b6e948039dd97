"""`python3 -m signalbox_reader` is the command signalbox-reader."""
import sys

from .cli import main

sys.exit(main())
