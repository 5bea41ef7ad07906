"""Runs statements on DuckDB's scanners or on Trino: one JSON request a line, one answer a line.

{"open": "duckdb", "postgres": "host=… port=…", "crm": "host=… …", "inventory": "host=… …"}   -> {"version": "…"} or {"error": "…"}
{"open": "trino", "host": "127.0.0.1", "port": 8080}                                          -> {"version": "…"} or {"error": "…"}
{"run": "duckdb", "sql": "select …"}   -> {"seconds": 0.1, "rows": [["1", null], …], "approximate": [false, true]}, the latter for columns in floating point
"""
import datetime
import decimal
import json
import os
import sys
import time

systems = {}
# Answers go where standard output was; what a library prints must not get between them.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def open_duckdb(request):
    import duckdb
    try:
        from duckdb_extensions import import_extension
        for name in ("postgres_scanner", "mysql_scanner"):
            import_extension(name)
    except ImportError:
        pass  # installed already
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false")
    connection.execute("load postgres_scanner; load mysql_scanner")
    connection.execute(f"attach '{request['postgres']}' as erp (type postgres, read_only)")
    connection.execute(f"attach '{request['crm']}' as crm (type mysql, read_only)")
    connection.execute(f"attach '{request['inventory']}' as inventory (type mysql, read_only)")
    return lambda sql: connection.execute(sql).fetchall(), "DuckDB " + duckdb.__version__


def open_trino(request):
    import trino
    cursor = trino.dbapi.connect(host=request["host"], port=request["port"], user="bench").cursor()

    def run(sql):
        cursor.execute(sql)
        return cursor.fetchall()
    return run, "Trino " + run("select node_version from system.runtime.nodes")[0][0]


def text(value):
    if value is None:
        return None
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")  # never an exponent
    return str(value)


def answer(request):
    if "open" in request:
        systems[request["open"]], version = {"duckdb": open_duckdb, "trino": open_trino}[request["open"]](request)
        return {"version": version}
    start = time.perf_counter()
    rows = systems[request["run"]](request["sql"])
    seconds = time.perf_counter() - start
    approximate = [any(isinstance(v, float) for v in column) for column in zip(*rows)]
    return {"seconds": seconds, "rows": [[text(v) for v in row] for row in rows], "approximate": approximate}


for line in sys.stdin:
    try:
        out = answer(json.loads(line))
    except Exception as e:
        out = {"error": f"{type(e).__name__}: {e}"[:500]}
    print(json.dumps(out), file=answers, flush=True)
