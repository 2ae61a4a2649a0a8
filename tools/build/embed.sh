#!/bin/sh
# Prints an assembler file that builds the named files into the program as bytes.
# tree/of/names.csv becomes the symbols embedded_names_csv and embedded_names_csv_end.
set -eu
for file in "$@"; do
    symbol=embedded_$(basename "$file" | tr -c 'a-zA-Z0-9\n' '_')
    printf '.section .rodata\n.global %s\n.global %s_end\n.balign 16\n%s:\n.incbin "%s"\n%s_end:\n.byte 0\n' \
        "$symbol" "$symbol" "$symbol" "$file" "$symbol"
done
printf '.section .note.GNU-stack,"",@progbits\n'
