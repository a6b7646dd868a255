from . import profile_facts as profile_facts
