#ifndef EXAMPLE_H
#define EXAMPLE_H

#define EXAMPLE_FIRST 1
<<<<<<< HEAD
#define EXAMPLE_SECOND 2
=======
#define EXAMPLE_SECOND 3
>>>>>>> theirs
#endif
