"""Uncertain inputs of the service: link, subscribers, deployment, money of 2025."""

from __future__ import annotations

from accord.contract import Input, Spread

__all__ = ["SERVICE_INPUTS", "medians"]

_OWN = "Own assumption"
_FILED = "Filings of fleets in Ku and Ka band name 12 to 22 deg; 18 deg is common"

_LINK = {
    "gso_angle_deg": Input(
        unit="deg", doc="Angle within which nobody transmits near the geostationary arc.",
        default=18.0, low=0.0, high=40.0, usual=(5.0, 25.0),
        spread=Spread.of("uniform", low=12.0, high=22.0), source=_FILED,
    ),
    "implementation_loss_db": Input(
        unit="dB", doc="What modems and amplifiers lose against the ideal.",
        default=1.2, low=0.0, high=6.0, usual=(0.3, 3.0),
        spread=Spread.of("triangular", low=0.5, mode=1.2, high=2.5),
        source=f"{_OWN}: ETSI EN 302 307-2 states ideal thresholds; 0.5 to 2.5 dB is usual in budgets",
    ),
    "interference_ratio_db": Input(
        unit="dB", doc="Carrier over interference of neighbouring beams and the other polarisation.",
        default=17.0, low=5.0, high=40.0, usual=(12.0, 25.0),
        spread=Spread.of("uniform", low=14.0, high=20.0),
        source=f"{_OWN}: multi-beam satellites with frequency reuse plan for 14 to 20 dB",
    ),
    "power_deviation_db": Input(
        unit="dB", doc="Power and sensitivity as built over those of the design.",
        default=0.0, low=-10.0, high=6.0, usual=(-3.0, 2.0),
        spread=Spread.of("triangular", low=-2.0, mode=0.0, high=1.0),
        source=f"{_OWN}: ageing and pointing lose more than margins give back",
    ),
}  # fmt: skip

_DEMAND = {
    "subscription_usd2025_per_month": Input(
        unit="USD2025/month", doc="Monthly price that a household pays.",
        default=40.0, low=1.0, high=1000.0, usual=(10.0, 150.0),
        spread=Spread.of("triangular", low=15.0, mode=40.0, high=80.0),
        source="Around the price at which a satellite competitor sold service in the example region from 2025 "
        "(42.5 USD a month, press)",
    ),
    "affordable_share": Input(
        unit="1", doc="Share of its income that a household pays for access at most.",
        default=0.02, low=0.001, high=0.2, usual=(0.005, 0.08),
        spread=Spread.of("triangular", low=0.01, mode=0.02, high=0.05),
        source="Broadband Commission for Sustainable Development (2018), target 2: 2 % of monthly income a person",
    ),
    "unserved_town_share": Input(
        unit="1", doc="Share of households in settlements without good fixed or mobile access.",
        default=0.06, low=0.0, high=1.0, usual=(0.0, 0.5),
        spread=Spread.of("triangular", low=0.01, mode=0.05, high=0.15),
        source=f"{_OWN}: by ITU (2024), Facts and Figures, 4 % of people have no mobile broadband, few in towns",
    ),
    "unserved_rural_share": Input(
        unit="1", doc="Share of households outside settlements without good fixed or mobile access.",
        default=0.25, low=0.0, high=1.0, usual=(0.0, 0.9),
        spread=Spread.of("triangular", low=0.08, mode=0.25, high=0.50),
        source=f"{_OWN} from ITU (2024), Facts and Figures: rural use lags that of towns by a third",
    ),
    "adoption_share": Input(
        unit="1", doc="Share of those who need it and can pay that ever subscribe.",
        default=0.5, low=0.0, high=1.0, usual=(0.1, 0.9),
        spread=Spread.of("triangular", low=0.2, mode=0.5, high=0.8), source=_OWN,
    ),
    "competitor_share": Input(
        unit="1", doc="Share of subscribers that another satellite operator takes.",
        default=0.5, low=0.0, high=1.0, usual=(0.0, 0.9),
        spread=Spread.of("triangular", low=0.2, mode=0.5, high=0.8),
        source=f"{_OWN}: one operator sells to the region already",
    ),
    "busy_rate_mbit_per_s": Input(
        unit="Mbit/s", doc="Mean load of one subscriber in the busy hour of 2026.",
        default=2.5, low=0.05, high=100.0, usual=(0.5, 10.0),
        spread=Spread.of("uniform", low=1.5, high=3.5),
        source="Own assumption around published busy-hour means of fixed access, 1.5 to 3.5 Mbit/s in 2026",
    ),
    "return_traffic_ratio": Input(
        unit="1", doc="Return traffic over forward traffic in the busy hour.",
        default=0.08, low=0.001, high=2.0, usual=(0.04, 0.3),
        spread=Spread.of("triangular", low=0.06, mode=0.08, high=0.13),
        source="OpenVault (2026), Broadband Insights Report Q4 2025: 55.9 GB up and 711.4 GB down a month, 0.079; "
        "Q1 2022: 32.5 and 481.3 GB, 0.068; two thirds more up with equal rates. "
        "Taken to hold in the busy hour",
    ),
    "load_growth_per_yr": Input(
        unit="1/yr", doc="Yearly growth of that load.",
        default=0.15, low=-0.2, high=0.6, usual=(0.0, 0.4),
        spread=Spread.of("uniform", low=0.10, high=0.25),
        source="Own assumption: fixed traffic grew by 10 to 25 % a year in 2022 to 2024 (regulators' reports)",
    ),
    "takeup_yr": Input(
        unit="yr", doc="Time until all who ever subscribe have done so.",
        default=4.0, low=0.1, high=15.0, usual=(1.0, 8.0),
        spread=Spread.of("triangular", low=2.0, mode=4.0, high=7.0), source=_OWN,
    ),
}  # fmt: skip

_BUILD = {
    "launch_rate_per_yr": Input(
        unit="1/yr", doc="Launches a year for this fleet.",
        default=4.0, low=0.1, high=100.0, usual=(1.0, 30.0),
        spread=Spread.of("triangular", low=2.0, mode=4.0, high=8.0),
        source=f"{_OWN}: the first fleet of 648 was launched in 20 launches over four years",
    ),
    "raising_month": Input(
        unit="month", doc="From launch to service: raising the orbit, drifting to the plane, tests.",
        default=4.0, low=0.0, high=36.0, usual=(1.0, 12.0),
        spread=Spread.of("triangular", low=2.0, mode=4.0, high=9.0), source=_OWN,
    ),
    "launch_price_musd2025": Input(
        unit="MUSD2025", doc="Price of one launch.",
        default=65.0, low=1.0, high=1000.0, usual=(20.0, 200.0),
        spread=Spread.of("triangular", low=48.0, mode=65.0, high=80.0),
        source="Public prices of vehicles that launched 36 satellites of 150 kg: 48 to 80 MUSD",
    ),
    "launch_success_share": Input(
        unit="1", doc="Probability that a launch succeeds.",
        default=0.95, low=0.3, high=1.0, usual=(0.8, 1.0),
        spread=Spread.of("beta", alpha=57.0, beta=3.0),
        source=f"{_OWN}: mean 95 %, as of medium vehicles in 2010 to 2024",
    ),
    "first_unit_musd2025": Input(
        unit="MUSD2025", doc="Cost of the first satellite as a theoretical first unit.",
        default=2.5, low=0.05, high=500.0, usual=(0.5, 20.0),
        spread=Spread.of("triangular", low=1.2, mode=2.5, high=6.0),
        source=f"{_OWN}: 1 MUSD a satellite at rate production (Airbus, 2019) is 2.3 MUSD for the first of 648 at 90 %",
    ),
    "learning_ratio": Input(
        unit="1", doc="Cost of a satellite over that of one half as far in the series.",
        default=0.90, low=0.6, high=1.0, usual=(0.75, 1.0),
        spread=Spread.of("triangular", low=0.85, mode=0.90, high=0.95),
        source="Crawford's curve; NASA Cost Estimating Handbook 4.0 (2015), appendix on learning curves: 85 to 95 %",
    ),
    "development_musd2025": Input(
        unit="MUSD2025", doc="Development before the first satellite.",
        default=500.0, low=0.0, high=20000.0, usual=(50.0, 5000.0),
        spread=Spread.of("triangular", low=200.0, mode=400.0, high=1000.0), source=_OWN,
    ),
    "spare_share": Input(
        unit="1", doc="Spare satellites over those in service.",
        default=0.07, low=0.0, high=1.0, usual=(0.0, 0.2),
        spread=Spread.of("triangular", low=0.05, mode=0.07, high=0.10), source=_OWN,
    ),
    "life_yr": Input(
        unit="yr", doc="Life of a satellite, after which it is replaced.",
        default=7.0, low=1.0, high=25.0, usual=(3.0, 15.0),
        spread=Spread.of("triangular", low=5.0, mode=7.0, high=10.0),
        source="Operators' filings: five years at 550 km, five to ten at 1200 km",
    ),
}  # fmt: skip

_MONEY = {
    "insurance_share": Input(
        unit="1", doc="Insurance over the value that is launched.",
        default=0.06, low=0.0, high=0.5, usual=(0.02, 0.15),
        spread=Spread.of("triangular", low=0.04, mode=0.06, high=0.10), source=f"{_OWN}: market rates for launch cover",
    ),
    "gateway_musd2025": Input(
        unit="MUSD2025", doc="Cost of one gateway with its antennas.",
        default=2.0, low=0.05, high=100.0, usual=(0.5, 10.0),
        spread=Spread.of("triangular", low=0.5, mode=2.0, high=5.0), source=_OWN,
    ),
    "terminal_usd2025": Input(
        unit="USD2025", doc="Cost of one subscriber's terminal, whoever pays it.",
        default=600.0, low=10.0, high=20000.0, usual=(200.0, 3000.0),
        spread=Spread.of("triangular", low=300.0, mode=600.0, high=1500.0),
        source=f"{_OWN}: shop prices of flat panels in 2024 and 2025, and of dishes that follow satellites",
    ),
    "terminal_life_yr": Input(
        unit="yr", doc="Life of a terminal.",
        default=6.0, low=1.0, high=20.0, usual=(3.0, 12.0),
        spread=Spread.of("triangular", low=4.0, mode=6.0, high=8.0), source=_OWN,
    ),
    "operation_per_yr": Input(
        unit="1/yr", doc="Yearly cost of operation over the cost of what is in space and on the ground.",
        default=0.10, low=0.0, high=1.0, usual=(0.03, 0.25),
        spread=Spread.of("triangular", low=0.08, mode=0.10, high=0.15), source=_OWN,
    ),
    "licence_musd2025_per_yr": Input(
        unit="MUSD2025/yr", doc="Spectrum, landing rights and offices in one country.",
        default=1.0, low=0.0, high=500.0, usual=(0.0, 20.0),
        spread=Spread.of("triangular", low=0.3, mode=1.0, high=3.0), source=_OWN,
    ),
    "discount_per_yr": Input(
        unit="1/yr", doc="Real cost of capital.",
        default=0.09, low=0.0, high=0.5, usual=(0.02, 0.25),
        spread=Spread.of("triangular", low=0.06, mode=0.09, high=0.14), source=_OWN,
    ),
    "sold_elsewhere_share": Input(
        unit="1", doc="Share of the fleet's service outside the region that is sold, at the same price of capacity.",
        default=0.4, low=0.0, high=1.0, usual=(0.0, 1.0),
        spread=Spread.of("triangular", low=0.1, mode=0.4, high=0.8),
        source=f"{_OWN}: oceans, and markets whose operators land their own",
    ),
}  # fmt: skip

SERVICE_INPUTS = {**_LINK, **_DEMAND, **_BUILD, **_MONEY}


def medians() -> dict[str, float]:
    """Return the median of every input, at which patterns of demand are drawn."""
    return {
        name: i.spread.quantile(0.5) if i.spread is not None else float(i.default or 0.0)
        for name, i in SERVICE_INPUTS.items()
    }
