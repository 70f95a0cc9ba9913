#!/bin/sh
# faults.sh [FAULT...]: harms nodes of a compose cluster while "train" follows a run with --json, one after the other; prints what each
# cost, and at the end whether the weights are those of "alone". Needs a POSIX shell and the docker command.
#   kill:NODE   docker kill, later docker start            NODE: a service of compose.yml, or "singleton": whichever hosts it
#   stop:NODE   docker stop (SIGTERM), later docker start
#   cut:NODE    docker network disconnect, later connect
# PROJECT: of compose (docker). WATCHED: the node that "train" follows through, which is left alone (worker3). WINDOW: seconds to look for
# a pause after a fault before the node is brought back (40). STEPS: to be made before each fault, and after each return (100).
set -eu
project=${PROJECT:-docker} watched=${WATCHED:-worker3} window=${WINDOW:-40} steps=${STEPS:-100}
[ $# -gt 0 ] || set -- kill:worker1 kill:server1 kill:singleton cut:worker2 cut:singleton
patience=600 # seconds without a step, or without a node: a hang

say() { echo "faults: $*"; }
fail() { say "$*"; exit 1; }

container() {
  docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1" | head -n 1
}

# Seconds of the day, in parts where this date can.
now() {
  t=$(date -u +%H:%M:%S.%N)
  case $t in *[!0-9:.]*) t=$(date -u +%H:%M:%S) ;; esac
  echo "$t" | awk -F: '{ printf "%.3f\n", $1 * 3600 + $2 * 60 + $3 }'
}

step() {
  docker logs --tail 200 "$train" 2> /dev/null | sed -n 's/^{"event":"step".*"step":\([0-9]*\).*/\1/p' | tail -n 1 | grep . || echo 0
}

state() { docker inspect -f "$2" "$(container "$1")"; }

# until_step N WHAT
until_step() {
  left=$patience
  while [ "$(step)" -lt "$1" ]; do
    [ "$(docker inspect -f '{{.State.Running}}' "$train")" = true ] || fail "the run ended before $2; give a longer one (DISTTRAIN_JOB)"
    left=$((left - 1))
    [ $left -gt 0 ] || fail "no step $1 in $patience s, $2: a hang"
    sleep 1
  done
}

until_healthy() {
  left=$patience
  while [ "$(state "$1" '{{.State.Health.Status}}')" != healthy ]; do
    left=$((left - 1))
    [ $left -gt 0 ] || fail "$1 did not come back in $patience s"
    sleep 1
  done
}

singleton() {
  docker exec "$(container "$watched")" disttrain status --json --node http://127.0.0.1:4055 --token-file /keys/token |
    sed -n 's/.*"singleton":"akka[^@]*@\([^:"]*\):.*/\1/p'
}

# pauses T0 T1: between two steps that were told one after the other, the first one after T1 included; the longest is what a fault cost,
# when the host is quiet
pauses() {
  docker logs -t "$train" 2> /dev/null | awk -v from="$1" -v to="$2" '
    !/"event":"step"/ { next }
    { split(substr($1, 12), p, /[:Z]/); t = p[1] * 3600 + p[2] * 60 + p[3] }
    t < from || t0 > to { next }
    { t0 = t }
    { if (before == "") before = from
      if (t - before > longest) { longest = t - before; text = sprintf("%.1f to %.1f s after it", before - from, t - from) }
      if (t - before >= 1) count++
      before = t }
    END { printf "longest pause %.1f s (%s), pauses of a second and more: %d\n", longest, text, count }'
}

harm() {
  kind=${1%%:*} node=${1#*:}
  [ "$node" != singleton ] || node=$(singleton)
  [ -n "$node" ] || fail "$1: no singleton is heard of"
  [ "$node" != "$watched" ] || fail "$1: that is the node that train follows through"
  id=$(container "$node")
  [ -n "$id" ] || fail "$1: no such container in compose project $project"
  at=$(step) t0=$(now)
  case $kind in
    kill) docker kill "$id" > /dev/null ;;
    stop) docker stop -t 40 "$id" > /dev/null
          say "$1 ($node): ended with code $(docker inspect -f '{{.State.ExitCode}}' "$id")" ;;
    cut)  network=$(docker inspect -f '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}' "$id")
          docker network disconnect "$network" "$id" ;;
    *)    fail "$1: found $kind; allowed: kill, stop, cut" ;;
  esac
  sleep "$window"
  until_step $(($(step) + steps)) "after $1"
  t1=$(now)
  say "$1 ($node) at step $at: $(pauses "$t0" "$t1")"
  case $kind in
    kill | stop) docker start "$id" > /dev/null ;;
    cut) docker network connect --alias "$node" "$network" "$id" ;;
  esac
  until_healthy "$node"
  at=$(step)
  until_step $((at + steps)) "after the return of $node"
  say "$node is back: $(pauses "$t1" "$(now)")"
}

train=
while [ -z "$train" ]; do train=$(container train); sleep 1; done
for fault in "$@"; do
  until_step $(($(step) + steps)) "before $fault"
  harm "$fault"
done

code=$(docker wait "$train")
hash_of() { docker logs "$1" 2> /dev/null | sed -n 's/.*"weights_sha256":"\([0-9a-f]*\)".*/\1/p' | tail -n 1; }
ours=$(hash_of "$train")
say "the run has ended with code $code, weights $ours"
alone=$(container alone)
[ "$code" = 0 ] || exit 1
[ -z "$alone" ] || [ "$(hash_of "$alone")" = "$ours" ] || fail "but one process has $(hash_of "$alone")"
[ -z "$alone" ] || say "the same as of one process"
