# FHIR_BASE=http://localhost:8080/fhir OWNER=Organization/yongan-county-hospital API_KEY=... python3 poll.py
import json, os, time, urllib.error, urllib.parse, urllib.request
since, tag = os.environ.get("SINCE", "2026-01-01T00:00:00Z"), '""'
while True:
    query = {"owner": os.environ["OWNER"], "_lastUpdated": "gt" + since, "_sort": "_lastUpdated", "_count": 100}
    url = f'{os.environ["FHIR_BASE"]}/Task?{urllib.parse.urlencode(query)}'
    while url:
        headers = {"X-Api-Key": os.environ.get("API_KEY", ""), "If-None-Match": tag}
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
                page, etag = json.load(answer), answer.headers["ETag"]
        except OSError:  # 304: nothing new. Anything else passes: it is asked again.
            break
        tasks = [entry["resource"] for entry in page.get("entry", [])]
        for task in tasks:
            print(f'Task/{task["id"]} {task["status"]}', flush=True)
        since, tag = (tasks[-1]["meta"]["lastUpdated"], '""') if tasks else (since, etag)
        url = next((link["url"] for link in page["link"] if link["relation"] == "next"), None)
    time.sleep(float(os.environ.get("INTERVAL", 60)))
