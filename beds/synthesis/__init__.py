"""Synthetic estates and waiting lists: nobody in them exists, and everything in them says so.

People are drawn from published margins; what is not published is an assumption, stated in the data.
"""

from beds.synthesis.estate import SYNTHETIC_AS_AT, synthesise
from beds.synthesis.folder import synth_folder

__all__ = ["SYNTHETIC_AS_AT", "synth_folder", "synthesise"]
