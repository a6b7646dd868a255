"""Names the parts of an installed copy; everything else is in pyproject.toml.

The core is installed as `automl_core`. The pages, which Streamlit runs as scripts and which import
each other as `pages`, go into a folder of their own, `torchlight_app`, laid out as it is here, so
that `site-packages` gets neither an `app` nor a `pages`. `torchlight app` starts its `app.py`.
"""

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

APP = "torchlight_app"


class BuildWithApp(build_py):
    """Of this folder's own modules only app.py is part of the app, and setup.py is not."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        found = super().find_package_modules(package, package_dir)
        return [m for m in found if package != APP or m[1] == "app"]


setup(
    cmdclass={"build_py": BuildWithApp},
    packages=[*find_packages(include=["automl_core", "automl_core.*"]), APP],
    package_dir={APP: "."},
    package_data={
        "": ["*.pyi"],  # lazy_loader reads each package's __init__.pyi when the package is imported
        APP: [
            ".streamlit/config.toml",
            "assets/*.svg",  # the logo; the screenshots are for the README
            "pages/**/*.py",
            "pages/**/*.pyi",
        ],
    },
)
