from .begin import begin as begin
from .guarded_addresses import GuardedAddresses as GuardedAddresses
from .return_address import ReturnAddress as ReturnAddress
from .routes import ROUTES as ROUTES
