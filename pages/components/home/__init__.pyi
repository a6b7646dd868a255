from .sample_cards import draw_samples as draw_samples
