"""The tables of a key store, but for those of `chunks` and `audit`."""

from __future__ import annotations

from accord.tools.keys import audit, chunks

__all__ = ["SCHEMA"]

SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS key (id TEXT PRIMARY KEY, master TEXT NOT NULL, bits INTEGER NOT NULL,
    sealed BLOB NOT NULL, simulated INTEGER NOT NULL, expires REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS due (id TEXT, sae TEXT, PRIMARY KEY (id, sae)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, master TEXT NOT NULL, expires REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS key_expires ON key (expires);
CREATE INDEX IF NOT EXISTS key_simulated ON key (simulated) WHERE simulated;
CREATE INDEX IF NOT EXISTS due_sae ON due (sae);
CREATE TABLE IF NOT EXISTS loaded (block BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS usage (sae TEXT, hour INTEGER, bits INTEGER NOT NULL, PRIMARY KEY (sae, hour))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reserved (number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, master TEXT NOT NULL,
    slave TEXT NOT NULL, peer TEXT NOT NULL, bits INTEGER NOT NULL, sealed BLOB NOT NULL, simulated INTEGER NOT NULL,
    until REAL NOT NULL, ready INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS reserved_for ON reserved (master, slave, bits, ready, number);
CREATE TABLE IF NOT EXISTS opened (id TEXT, sae TEXT, PRIMARY KEY (id, sae)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notice (id TEXT PRIMARY KEY, peer TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS burnt (sae TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS life (one INTEGER PRIMARY KEY CHECK (one = 1), closed INTEGER NOT NULL);
"""
    + chunks.SCHEMA
    + audit.SCHEMA
)
