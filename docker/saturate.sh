#!/bin/sh
# saturate.sh [MINUTES]: keeps the lanes of a compose cluster full for ten minutes and looks for false suspicions: no node may be called
# unreachable, the run may begin but once, and bytes must have moved all the time. Needs a POSIX shell and the docker command.
# PROJECT: of compose (docker). FLOOR: what all lanes together must carry at each look, in bytes a second (20000000).
set -eu
project=${PROJECT:-docker} floor=${FLOOR:-20000000} minutes=${1:-10}
nodes="coordinator1 coordinator2 server1 server2 worker1 worker2 worker3"
here=$(dirname "$0")

say() { echo "saturate: $*"; }
fail() { say "$*"; disttrain stop > /dev/null 2>&1 || true; exit 1; }
container() {
  docker ps -q --no-trunc --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1"
}
disttrain() { docker exec "$(container worker3)" disttrain "$@" --node http://127.0.0.1:4055 --token-file /keys/token; }
started() { for node in $nodes; do docker inspect -f '{{.State.StartedAt}}' "$(container "$node")"; done; }

since=$(date -u +%Y-%m-%dT%H:%M:%SZ)
before=$(started)
docker cp "$here/saturate.yml" "$(container worker3):/saturate.yml" > /dev/null
run=$(disttrain submit /saturate.yml)
say "$run"
end=$(($(date +%s) + 60 * minutes)) looks=0 last=-1 sum=0 least=
sleep 15 # the data are opened, and the first steps made
while [ "$(date +%s)" -lt $end ]; do
  sleep 5
  status=$(disttrain status --json)
  step=$(echo "$status" | sed -n 's/.*"step":\([0-9]*\).*/\1/p')
  [ "$step" -gt "$last" ] || fail "no step in 5 s: $status"
  last=$step
  case $status in *'"run_epoch":1,'*) ;; *) fail "the run has begun again: $status" ;; esac
  sent=$(echo "$status" | tr '{' '\n' | sed -n 's/.*"bytes_sent_per_second":\([0-9]*\).*/\1/p' | awk '{ sum += $1 } END { printf "%d", sum }')
  [ "$sent" -ge "$floor" ] || fail "all lanes together carry $sent bytes a second, $floor are wanted: $status"
  [ -n "$least" ] && [ "$least" -le "$sent" ] || least=$sent
  sum=$((sum + sent))
  looks=$((looks + 1))
done
until=$(date -u +%Y-%m-%dT%H:%M:%SZ)
disttrain stop > /dev/null
[ "$(started)" = "$before" ] || fail "a node was started again"
for node in $nodes; do
  log=$(docker logs --since "$since" --until "$until" "$(container "$node")" 2>&1)
  ! echo "$log" | grep -E "UNREACHABLE|quarantined|was removed from" || fail "$node has suspected somebody"
  late=$((${late:-0} + $(echo "$log" | grep -cE "heartbeat was delayed|heartbeat interval is growing" || true)))
done
say "$minutes minutes, $last steps; lanes carried $((sum / looks / 1000000)) MB a second, $((least / 1000000)) at least; nobody was called unreachable; heartbeats that came late: $late"
