/* Runs some tests of a battery of TestU01 on words of 32 bits from standard input: crush small|crush|big [NUMBER...]. It prints a
   line for each p-value: the value and the test's name. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bbattery.h"
#include "swrite.h"
#include "unif01.h"

static uint32_t words[4096];
static size_t next = 4096;

static unsigned int word(void) {
  if (next == 4096) {
    if (fread(words, 4, 4096, stdin) != 4096) {
      fprintf(stderr, "the words ended\n");
      exit(3);
    }
    next = 0;
  }
  return words[next++];
}

int main(int count, char **given) {
  if (count < 2) return 2;
  int wanted[200] = {0};
  for (int i = 2; i < count; i++) wanted[atoi(given[i]) % 200] = 1;
  unif01_Gen *generator = unif01_CreateExternGenBits("nn-init", word);
  swrite_Basic = FALSE;
  if (strcmp(given[1], "small") == 0) bbattery_SmallCrush(generator);
  else if (strcmp(given[1], "crush") == 0) bbattery_RepeatCrush(generator, wanted);
  else bbattery_RepeatBigCrush(generator, wanted);
  for (int i = 0; i < bbattery_NTests; i++) printf("p %.17g %s\n", bbattery_pVal[i], bbattery_TestNames[i]);
  return 0;
}
