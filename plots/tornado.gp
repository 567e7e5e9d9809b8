# tornado.gp - what moves the answer most: one input at its P10 and at its P90, the others as the
# scenario has them. Left: what this build saves at the plan; right: where it becomes cheaper.
#
# `gnuplot tornado.gp` draws tornado.png and tornado.svg from tornado.csv and tornado.set. Fonts and
# the page stand in common.gp, words and ranges in tornado.set.
if (!exists('name')) name = 'tornado'

do for [picture in 'png svg'] {
    load 'tornado.set'
    load 'common.gp'

    low = '#56B4E9'
    high = '#E69F00'
    bar = '#999999'

    # Words of the whole page: they are drawn with the first panel.
    set label 'Saved by this build at your plan, USD a month' at screen saving_left, screen saving_top + up(18) left \
        font bold(12) tc rgb black front
    set label 'Crossing, requests a month' at screen crossing_left, screen saving_top + up(18) left \
        font bold(12) tc rgb black front
    set label '● at P10' at screen across(42), screen saving_top + up(18) left font plain(10.5) tc rgb low front
    set label '● at P90' at screen across(130), screen saving_top + up(18) left font plain(10.5) tc rgb high front
    set for [i=1:input_n] label input_text[i] at screen input_x[i], screen input_y[i] right \
        font plain(11.5) tc rgb black front

    # At the two ends of a bar: the input's values left, the crossings right.
    set for [i=1:before_n] label before_text[i] at screen before_x[i], screen before_y[i] right \
        font plain(9.5) tc rgb black front
    set for [i=1:behind_n] label behind_text[i] at screen behind_x[i], screen behind_y[i] left \
        font plain(9.5) tc rgb black front

    # The scenario as it is: a dotted line through all bars; and a solid one where nothing is saved.
    set for [i=1:base_n] arrow from screen base_x[i], screen saving_bottom to screen base_x[i], screen saving_top \
        nohead lc rgb black lw 1.4 dt (4,4)
    set for [i=1:zero_n] arrow from screen zero_x[i], screen saving_bottom to screen zero_x[i], screen saving_top \
        nohead lc rgb black lw 1.6

    set multiplot
    set border 1
    unset ytics
    set yrange [y_lo:y_hi]
    set style fill solid 0.5 noborder

    set lmargin at screen saving_left
    set rmargin at screen saving_right
    set bmargin at screen saving_bottom
    set tmargin at screen saving_top
    set xrange [saving_lo:saving_hi]
    set xtics ()
    set for [i=1:xtic_n] xtics add (xtic_text[i] xtic_at[i] xtic_minor[i])
    plot 'tornado.csv' using ((column('saving_at_low_usd') + column('saving_at_high_usd')) / 2) \
             :'row':'saving_at_low_usd':'saving_at_high_usd':(column('row') - 0.28):(column('row') + 0.28) \
             with boxxyerror lc rgb bar, \
         '' using 'saving_at_low_usd':'row' with points pt 7 ps 1.1 lc rgb low, \
         '' using 'saving_at_high_usd':'row' with points pt 7 ps 1.1 lc rgb high
    unset label
    unset arrow

    set lmargin at screen crossing_left
    set rmargin at screen crossing_right
    set xrange [crossing_lo:crossing_hi]
    set logscale x
    set xtics ()
    small = plain(9)
    set xtics font small
    set for [i=1:x2tic_n] xtics add (x2tic_text[i] x2tic_at[i] x2tic_minor[i])
    plot 'tornado.csv' using ((column('crossover_at_low') + column('crossover_at_high')) / 2) \
             :'row':'crossover_at_low':'crossover_at_high':(column('row') - 0.28):(column('row') + 0.28) \
             with boxxyerror lc rgb bar, \
         '' using 'crossover_at_low':'row' with points pt 7 ps 1.1 lc rgb low, \
         '' using 'crossover_at_high':'row' with points pt 7 ps 1.1 lc rgb high
    unset multiplot
}
unset output
