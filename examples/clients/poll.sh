#!/bin/sh
# FHIR_BASE=http://localhost:8080/fhir OWNER=Organization/yongan-county-hospital API_KEY=... sh poll.sh
since=${SINCE:-2026-01-01T00:00:00Z} tag='""'
while :; do
  url="$FHIR_BASE/Task?owner=$OWNER&_lastUpdated=gt$since&_sort=_lastUpdated&_count=100"
  while [ -n "$url" ]; do
    status=$(curl -sS -D poll.head -o poll.json -w '%{http_code}' -H "X-Api-Key: $API_KEY" -H "If-None-Match: $tag" "$url")
    [ "$status" = 200 ] || break # 304: nothing new. Anything else passes: it is asked again.
    jq -r '.entry[]?.resource | "Task/\(.id) \(.status)"' poll.json
    last=$(jq -r '[.entry[]?.resource.meta.lastUpdated] | last // empty' poll.json)
    since=${last:-$since}
    [ -n "$last" ] && tag='""' || tag=$(sed -n 's/^[Ee][Tt]ag: *\([^\r]*\).*/\1/p' poll.head)
    url=$(jq -r '.link[] | select(.relation == "next").url' poll.json)
  done
  sleep "${INTERVAL:-60}"
done
