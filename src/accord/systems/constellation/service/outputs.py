"""What the service model returns; ``service_year`` counts from the first launch, ``launch`` counts launches."""

from __future__ import annotations

import math

from accord.contract import Output
from accord.systems.constellation.service.design import Service

__all__ = ["SERVICE_OUTPUTS", "launches_of", "service_labels"]

_MOST_LAUNCHES = 60
_BUSY = "in the busy hour"

SERVICE_OUTPUTS = {
    "capacity_gbit_per_s": Output(
        unit="Gbit/s",
        doc=f"What the whole fleet carries over the region {_BUSY} when every cell wants more than it can get.",
        better="high",
        headline=True,
    ),
    "sold_gbit_per_s": Output(
        unit="Gbit/s",
        doc=f"Traffic that is served {_BUSY} of the year with most subscribers: the capacity that finds a buyer.",
        better="high",
    ),
    "subscribers_served": Output(
        unit="subscriber",
        doc="Most subscribers served at once in any counted year; where no demand is stated, all the capacity carries.",
        better="high",
        headline=True,
    ),
    "subscribers_wanting": Output(
        unit="subscriber",
        doc="Subscribers there would be if nobody were turned away, once all have taken it up.",
    ),
    "demand_served_share": Output(
        unit="1",
        doc="Subscribers served over those who want it, in the year with most of them.",
        better="high",
    ),
    "subscriber_rate_mbit_per_s": Output(
        unit="Mbit/s",
        doc=f"Rate of one subscriber {_BUSY} if all who want it were admitted, in the year with most of them; "
        "no more than the load of that year.",
        better="high",
        headline=True,
    ),
    "link_availability": Output(
        unit="1",
        doc="Share of people (else of area) x time whose best link to a fed satellite closes, weather included.",
        better="high",
        headline=True,
    ),
    "return_rate_clear_mbit_per_s": Output(
        unit="Mbit/s",
        doc="Rate of one terminal's return channel by its best working satellite in the weather of the middle of the "
        "year; mean over people (else area) and time with one in sight.",
        better="high",
    ),
    "return_rate_available_mbit_per_s": Output(
        unit="Mbit/s",
        doc="The same in the weather that is worse only for the rest of the year beyond the stated availability.",
        better="high",
        headline=True,
    ),
    "return_capacity_gbit_per_s": Output(
        unit="Gbit/s",
        doc=f"What the whole fleet carries back from terminals over the region {_BUSY} "
        "when every cell sends all it can.",
        better="high",
        headline=True,
    ),
    "both_ways_gbit_per_s": Output(
        unit="Gbit/s",
        doc="Forward traffic that both directions carry at the stated ratio of return to forward traffic: "
        "the capacity, or less where the return link limits.",
        better="high",
    ),
    "return_limited_share": Output(
        unit="1",
        doc="Share of the forward capacity that cannot be used for want of return capacity; 0 where forward limits.",
        better="low",
    ),
    "service_share": Output(
        unit="1",
        doc="Traffic served after each launch over that of the whole fleet, planes being filled evenly around.",
        dims=("launch",),
        better="high",
    ),
    "first_service_month": Output(
        unit="month",
        doc="From the first launch until the stated share of the full service is there; failures are repeated.",
        better="low",
        headline=True,
    ),
    "full_service_month": Output(
        unit="month", doc="From the first launch until the whole fleet serves.", better="low"
    ),
    "subscribers_by_year": Output(
        unit="subscriber",
        doc="Mean subscribers served in each year from the first launch.",
        dims=("service_year",),
        better="high",
    ),
    "capital_musd2025": Output(
        unit="MUSD2025",
        doc="Development, satellites, launches, insurance and gateways until the whole fleet serves.",
        better="low",
        headline=True,
    ),
    "cost_musd2025": Output(
        unit="MUSD2025",
        doc="Present value of all costs of the counted years, by part, if the region bears all.",
        dims=("cost_part",),
        better="low",
    ),
    "required_price_usd2025_per_month": Output(
        unit="USD2025/month",
        doc="Monthly price at which the region alone pays for all; 1 000 000 where nobody is served.",
        better="low",
        headline=True,
        alternatives=("shared_price_usd2025_per_month",),
    ),
    "shared_price_usd2025_per_month": Output(
        unit="USD2025/month",
        doc="The same when service outside the region pays its share of the fleet.",
        better="low",
        headline=True,
    ),
    "region_cost_share": Output(
        unit="1",
        doc="Share of the fleet's cost that falls to the region when the rest is sold as stated.",
        better="low",
    ),
    "capacity_cost_usd2025_per_month_per_mbps": Output(
        unit="USD2025/month/Mbps",
        doc=f"Cost of one Mbit/s that can be sold {_BUSY}, a month, if the region bears all.",
        better="low",
    ),
    "capital_per_subscriber_usd2025": Output(
        unit="USD2025", doc="Capital over the most subscribers served at once.", better="low"
    ),
    "alone_value_musd2025": Output(
        unit="MUSD2025",
        doc="Net present value if the region bears all, at the stated subscription.",
        better="high",
        headline=True,
        alternatives=("shared_value_musd2025",),
    ),
    "shared_value_musd2025": Output(
        unit="MUSD2025", doc="Net present value to the region when the rest is sold as stated.", better="high"
    ),
}

COST_PARTS = (
    "development",
    "satellites",
    "launches",
    "insurance",
    "gateways",
    "terminals",
    "replacement",
    "operation",
    "licences",
)


def launches_of(service: Service, satellites: int) -> int:
    """Return the number of launches that bring the fleet up, spares not counted."""
    return math.ceil(satellites / service.deployment.satellites_per_launch)


def service_labels(service: Service, satellites: int, first_year: int) -> dict[str, tuple[str, ...]]:
    """Return labels of the launches, the years and the parts of cost."""
    count = min(launches_of(service, satellites), _MOST_LAUNCHES)
    return {
        "launch": tuple(str(number + 1) for number in range(count)),
        "service_year": tuple(str(first_year + number) for number in range(service.deployment.years)),
        "cost_part": COST_PARTS,
    }
