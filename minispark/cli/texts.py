"""What the commands say of themselves."""

from __future__ import annotations

import platform

from minispark.version import SPARK_VERSION, __version__

SUBMIT_USAGE = """\
Usage: minispark-submit [options] PROGRAM.py [arguments of the program]

Runs a program for PySpark, in this process and without Java. The options are spark-submit's.

  --engine ENGINE             minispark (the default), or pyspark: the installed PySpark's own
                              spark-submit gets the same line

  --master MASTER             local, local[N], local[*], local[N,F],
                              local-cluster[W,C,M] (default: local[*])
  --name NAME                 what the application is called (default: the program's file)
  --conf, -c SETTING=VALUE    a setting; may be given again
  --properties-file FILE      a file of settings (default: spark-defaults.conf in the directory
                              SPARK_CONF_DIR, or in conf below SPARK_HOME)
  --load-spark-defaults       read spark-defaults.conf besides --properties-file

  --py-files FILES            .py, .zip and .egg files, with commas between: program and tasks
                              can import them
  --files FILES               files for tasks: SparkFiles.get finds them
  --archives FILES            .zip, .jar, .tar, .tar.gz and .tgz files, unpacked for tasks;
                              FILE#NAME gives the directory another name

  --driver-memory MEMORY      for cached partitions: spark.memory.fraction of it (default: 1g)

  --verbose, -v               show what was read, and the settings
  --version                   show the version
  --help, -h                  show this

Without effect, since there is no JVM: --driver-java-options, --driver-library-path,
  --driver-class-path, --jars, --packages, --exclude-packages, --repositories
Without effect, since there are no executors: --executor-memory, --executor-cores,
  --total-executor-cores, --num-executors, --driver-cores, --queue
Refused: --deploy-mode cluster, --class, --supervise, --kill, --status, --proxy-user,
  --principal, --keytab, --remote"""

SHELL_USAGE = """\
Usage: minispark [options]             an interactive Python, as PySpark's shell: sc is a
                                       SparkContext, spark a SparkSession
       minispark submit PROGRAM.py     the same as minispark-submit: run a program
       minispark conform PROGRAM.py    run a program on both engines, and compare

Each command shows its own options with --help. Those of the shell are minispark-submit's:

  --master MASTER             local, local[N], local[*], local[N,F],
                              local-cluster[W,C,M] (default: local[*])
  --conf, -c SETTING=VALUE    a setting; may be given again
  --name, --properties-file, --load-spark-defaults, --py-files, --files, --archives
  --engine pyspark            the shell of the installed PySpark
  --version                   show the version
  --help, -h                  show this

In a terminal it is IPython, where that is installed. The variable PYSPARK_DRIVER_PYTHON names
another Python, with PYSPARK_DRIVER_PYTHON_OPTS: python is the plain one."""


def version() -> str:
    """What --version shows."""
    return (
        f"minispark {__version__}: the API of Spark version {SPARK_VERSION}\n"
        f"Using Python version {platform.python_version()} ({platform.python_implementation()})"
    )
