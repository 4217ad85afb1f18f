"""A small schedule with risks and a supply chain, in file syntax: for conformance checks and first looks."""

from __future__ import annotations

from typing import Any

__all__ = ["EXAMPLE"]

EXAMPLE: dict[str, Any] = {
    "schedule": [
        {
            "id": "treaty",
            "name": "Treaty in force",
            "duration": {"dist": "lognormal", "p10": "9 month", "p90": "40 month"},
        },
        {
            "id": "plant",
            "name": "Plant operating",
            "duration": {"dist": "triangular", "p10": "72 month", "mode": "96 month", "p90": "168 month"},
            "after": ["treaty"],
            "system": "plant",
            "cost": {
                "fixed": {"dist": "lognormal", "p10": "900 MUSD2025", "p90": "3200 MUSD2025"},
                "per_month": "6 MUSD2025/month",
            },
            "reference_class": "nuclear_power",
            "gates": 1,
        },
        {
            "id": "centre",
            "name": "Centre open",
            "duration": {"dist": "pert", "low": "12 month", "mode": "24 month", "high": "60 month"},
            "after": ["treaty"],
            "start": "2027-01-01",
            "cost": {"fixed": "30 MUSD2025"},
            "reference_class": "it",
        },
    ],
    "risks": {
        "withdrawal": {
            "probability": {"dist": "beta", "alpha": 2, "beta": 18},
            "stops": ["plant"],
            "window": ["2026-01-01", "2031-12-31"],
            "factor": "politics",
        },
        "payments": {
            "probability": 0.3,
            "delay": {"dist": "lognormal", "p10": "3 month", "p90": "24 month"},
            "cost_factor": 1.1,
            "hits": ["plant", "centre"],
            "factor": "politics",
        },
    },
    "targets": {"cost": "3000 MUSD2025", "finish": "2035-12-31"},
    "supply": {
        "components": [
            {
                "id": "vessels",
                "name": "Pressure vessels",
                "used_by": ["plant"],
                "needs": ["forgings"],
                "stock": "3 month",
                "recovery": {"dist": "lognormal", "p10": "9 month", "p90": "30 month"},
                "suppliers": [
                    {"id": "yard", "country": "north", "share": "70 %"},
                    {"id": "works", "country": "east", "share": "30 %", "surge": "50 %"},
                ],
            },
            {
                "id": "forgings",
                "name": "Heavy forgings",
                "recovery": {"dist": "lognormal", "p10": "12 month", "p90": "36 month"},
                "stock": "6 month",
                "suppliers": [{"id": "foundry", "country": "east", "share": 1}],
            },
            {
                "id": "servers",
                "name": "Servers",
                "used_by": ["centre"],
                "recovery": "4 month",
                "stock": "1 month",
                "suppliers": [
                    {"id": "maker_a", "country": "west", "share": "50 %", "surge": "40 %"},
                    {"id": "maker_b", "country": "south", "share": "30 %", "surge": "40 %"},
                    {"id": "maker_c", "country": "east", "share": "20 %"},
                ],
            },
        ],
        "losses": {
            "east_closed": {
                "country": "east",
                "probability": {"dist": "beta", "alpha": 2, "beta": 8},
                "window": ["2028-01-01", "2032-12-31"],
                "factor": "politics",
            }
        },
    },
}
