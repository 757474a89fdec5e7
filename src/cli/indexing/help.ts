/** What `crosscell index run --help` says first behind the options. */
export const RUN_HELP = `
Without --rabbitmq everything is found by looking: writes within a second or two, tags and the like within the side
polls, the rest by comparisons. Hints make it sooner. Name the cell where each has a bus of its own.
It says what changes, a line at a time: the state of each cell and feed, what is withheld, how far a rebuild is.
Several may run, on one host or on many: who looks after which cell is agreed in the index.
SIGTERM and SIGINT end it when what is under way is done: exit code 0.
`

/** The same of `crosscell index verify`. */
export const VERIFY_HELP = `
What is gone in a cell goes from the index as well, but never more than a part of its documents in one hour: a cell
that says it is empty may be wrong. The rest is withheld until somebody has looked and says --remove.
`

/** What every command of `crosscell index` says in the end. */
export const INDEX_HELP = `
Config file (--config): options of all commands of crosscell index, without the dashes, one in each line:
  # /etc/crosscell/index.conf
  api-db = mysql+pymysql://reader:secret@db/nova_api
  index = /var/lib/crosscell/index.db
  rabbitmq = cell1=rabbit://nova:secret@bus1:5672/
  drain

Environment (what is on a command line, every user of the host can read):
  CROSSCELL_API_DB, CROSSCELL_INDEX, CROSSCELL_OPENSEARCH, CROSSCELL_RABBITMQ
                    in place of the options; several URLs are separated by spaces
  NO_COLOR          no colours, not even on a terminal

Exit codes:
  0    the index is true: run ended as told; all cells compared, what differed is mended; every cell is fresh
  1    nothing done: the index, the API database or the output failed, or the index says no
  2    the arguments are wrong
  3    a cell could not be compared, the others are true
  4    not true: something differs and was not mended, is withheld, or is not fresh
  130  interrupted; a rebuild goes on where it was when it is started again

Examples:
  crosscell index run --config /etc/crosscell/index.conf
  crosscell index run --api-db "$API_DB" --index /var/lib/crosscell/index.db --rabbitmq cell1="$BUS1"
  crosscell index rebuild --opensearch https://search1:9200 --opensearch https://search2:9200
  crosscell index verify --check --json
  crosscell index status || alert
`
