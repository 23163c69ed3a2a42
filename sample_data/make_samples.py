"""Make the sample submissions of invented places again: ``python sample_data/make_samples.py [--out FOLDER]``.

What comes out is the same each time. The figures that the places must give stand in the page of each place; they were
worked out by hand, and nothing here computes them.
"""

import argparse
import sys
from pathlib import Path

# A folder of compiled files beside the places would look like one more submission.
sys.dont_write_bytecode = True

from city_layout import draw_city  # noqa: E402
from henan_layout import draw_henan_county  # noqa: E402
from liangshan_layout import draw_liangshan_county  # noqa: E402
from renewal_layout import draw_renewal  # noqa: E402

PLACES = {
    "city": draw_city,
    "renewal": draw_renewal,
    "liangshan-county": draw_liangshan_county,
    "henan-county": draw_henan_county,
}


def make_samples(out: Path) -> None:
    """Write every place into a folder of its own below ``out``, over what stands there."""
    for name, draw in PLACES.items():
        draw(out / name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make the sample submissions of invented places again.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to write into (default: here)")
    make_samples(parser.parse_args().out)
