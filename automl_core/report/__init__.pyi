from .build import build_report as build_report
from .content import Figure as Figure
from .content import Number as Number
from .page import report_page as report_page
from .story import Slide as Slide
from .story import story as story
from .subject import subject_of as subject_of
