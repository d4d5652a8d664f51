"""Asks this machine's web server whether it is ready: for a container's health check, which may have no curl.

Usage: python -m lms.probe [port]      exit code 0 when ready
"""

import http.client
import os
import sys
from urllib.parse import urlsplit


def main() -> int:
    """Ask by the service's own name: the host check would refuse another."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    host = urlsplit(os.environ.get("BASE_URL", "")).netloc or f"127.0.0.1:{port}"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready", headers={"Host": host})
        return int(connection.getresponse().status != 200)
    except OSError:
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    raise SystemExit(main())
