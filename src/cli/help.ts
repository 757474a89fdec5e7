/** What `crosscell list --help` says behind the options. */
export const LIST_HELP = `
Filters (all of them must hold; numbers and booleans are recognized by the column):
  KEY=VALUE           equal; given again for the same KEY: one of these
  KEY:OPERATOR=VALUE  eq ne lt lte gt gte like prefix contains regexp in is_null
  KEY:=JSON           whatever the library's filters take: a value, a list, null, operators
  deleted, soft_deleted and hidden are true, false (the default) or any
  tags=TAG, tags_any=, not_tags=, not_tags_any= (repeatable), metadata:KEY=VALUE, system_metadata:KEY=VALUE,
  changes_since=TIME, changes_before=TIME, address=IP or CIDR, address:prefix=TEXT

Formats:
  table   for people; the columns of --fields, or a choice that fits most screens
  json    a page with its cursor and what each cell did; with --all one array of items
  ndjson  one item per line
  csv     with a header; NULL is an empty field, an empty text is ""
  All but table have every column by default. "cell" is a column of table and csv, and always in json.
  Where the next page starts, and what each cell did, is on stderr (with json: in the page).

Environment:
  CROSSCELL_API_DB  in place of --api-db: what is on a command line, every user of the host can read
  NO_COLOR          no colours, not even on a terminal

Exit codes:
  0    complete
  1    no answer: cells, API database or output failed
  2    the arguments are wrong
  3    partial answer: some cells are missing, a warning names them
  130  interrupted

Examples:
  export CROSSCELL_API_DB=mysql+pymysql://reader:secret@db/nova_api
  crosscell list --sort display_name,created_at:desc --limit 20
  crosscell list --project a1b2 --filter vm_state=active --filter vm_state=error
  crosscell list --filter display_name:contains=web --filter vcpus:gte=4 --filter host:is_null=false
  crosscell list --filter 'task_state:=["spawning",null]' --filter deleted=any --format json
  crosscell list --all --fields uuid,host,cell --format csv > instances.csv
  crosscell list --cell cell1=mysql://reader@db1/nova --cell cell2=mysql://reader@db2/nova
`

/** What `crosscell doctor --help` says behind the options. */
export const DOCTOR_HELP = `
Each sort key is explained (EXPLAIN, nothing else is run) as the first page of everything that shows:
  cheap    every cell reads the page off the index that is named
  scan     a cell reads all that shows and sorts it; rows: of the cell that has the most, as its statistics say
  refused  the cells can't be sorted by it together, for the reason below
  unknown  no cell answered
The statements below the table make the indexes that are missing. Nothing runs them but you: each index costs at every
write, so take those whose keys are asked for. What runs crosscell meanwhile finds them within ten minutes.

Environment:
  CROSSCELL_API_DB  in place of --api-db: what is on a command line, every user of the host can read

Exit codes:
  0    every cell has answered
  1    no answer: the API database or the output failed
  2    the arguments are wrong
  3    some cells are missing, a warning names them
  130  interrupted

Examples:
  crosscell doctor --api-db mysql+pymysql://reader:secret@db/nova_api
  crosscell doctor --resource migrations --format json
`
