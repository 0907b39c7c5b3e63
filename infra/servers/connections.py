"""How many connections one process of the API holds, of the files that the system lets it open."""

import resource

from domain.kernel.errors import Refusal

MOST_CONNECTIONS = 8_192
"""So many may say nothing, or half of something, before whoever comes next waits until one of them
is closed."""

OTHER_FILES = 512
"""That a process opens beside its connections: the database, workbooks, the program itself."""

FILES_NEEDED = MOST_CONNECTIONS + OTHER_FILES


def allow_files() -> int:
    """Raises the limit of this process and of those that it starts as far as the system lets it,
    and no further than is needed. Answers the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, min(FILES_NEEDED, most_files()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def most_files() -> int:
    """The limit up to which a process may raise its own; FILES_NEEDED where there is none."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return FILES_NEEDED if hard == resource.RLIM_INFINITY else hard


def connections_within(files: int) -> int:
    """How many connections fit into a limit: a server that accepts one more than it has files for
    asks for it again and again, and does nothing else."""
    return min(MOST_CONNECTIONS, files - min(OTHER_FILES, files // 2))


def missing_files(files: int) -> Refusal | None:
    """What is to be told of a limit under which fewer connections fit than are meant."""
    if files >= FILES_NEEDED:
        return None
    most = connections_within(files)
    return Refusal("files_limited", found=files, needed=FILES_NEEDED, most=most)
