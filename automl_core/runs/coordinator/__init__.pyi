from .coordinator import conduct as conduct
