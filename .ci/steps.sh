# For scripts of steps, which source it: runs each step under a heading, and tells at the end what ran and what did not.
# The first failure ends it. What a step can't run on this machine it writes into the file $NOT_RUN, a line each.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TERM_COLOR=never INSTA_UPDATE=no
NOT_RUN=$(mktemp)
export NOT_RUN
ran=() running='' started=$SECONDS

step() {
  running=$1
  shift
  printf '\n== %s\n' "$running"
  local from=$SECONDS
  "$@"
  ran+=("$(printf '%3d min %02d s  %s' $(((SECONDS - from) / 60)) $(((SECONDS - from) % 60)) "$running")")
  running=''
}

closing() {
  local status=$?
  printf '\n== %s after %d min\n' "$0" $(((SECONDS - started) / 60))
  [ ${#ran[@]} = 0 ] || printf 'passed: %s\n' "${ran[@]}"
  [ ! -s "$NOT_RUN" ] || sed 's/^/NOT RUN: /' "$NOT_RUN"
  rm -f "$NOT_RUN"
  if [ -n "$running" ]; then
    printf 'FAILED: %s\nWhat comes after it was not run.\n' "$running"
    [ "$status" != 0 ] || status=1
  elif [ "$status" = 0 ]; then
    printf 'Everything that ran passed.\n'
  fi
  exit "$status"
}
trap closing EXIT
