# validate_load.gp - the error of predictions against requests in flight for each replica: closed
# loops and static batches. Black squares are medians near a power of two, bands 10 % and 20 %.
#
# `gnuplot validate_load.gp` draws validate_load.png and validate_load.svg from validate_load.csv
# and validate_load.set. Fonts and the page stand in common.gp, words and ranges in
# validate_load.set.
if (!exists('name')) name = 'validate_load'

do for [picture in 'png svg'] {
    load 'validate_load.set'
    load 'common.gp'

    # Eight datasets have a colour of their own; those past the last share its colour.
    tints = '#0072B2 #D55E00 #009E73 #CC79A7 #E69F00 #56B4E9 #222222 #888888'
    tint(dataset) = word(tints, dataset + 1)

    # Datasets stand a little apart, and points beyond the axis at its edge.
    aside(dataset) = 1 + 0.05 * (dataset - dataset_n / 2)
    lowest = 0.25
    highest = 4
    kept(ratio) = ratio < lowest ? lowest : ratio > highest ? highest : ratio

    # Words of the whole page: they are drawn with the first panel.
    set for [i=1:panel_n] label panel_text[i] at screen panel_left[i], screen panel_top[i] + up(18) left \
        font bold(12) tc rgb black front
    set for [i=1:panel_n] label panel_note[i] at screen panel_right[i], screen panel_top[i] + up(18) right \
        font plain(10) tc rgb grey front
    set for [i=1:dataset_n] label dataset_text[i] at screen dataset_x[i], screen dataset_y[i] left \
        font plain(11) tc rgb tint(i - 1) front
    set for [i=1:legend_n] label legend_text[i] at screen legend_x[i], screen legend_y[i] left \
        font plain(10) tc rgb grey front

    set multiplot
    set logscale xy
    set xrange [0.8:x_hi]
    set yrange [lowest:highest]
    set xtics ()
    set for [i=1:xtic_n] xtics add (xtic_text[i] xtic_at[i] xtic_minor[i])
    set ytics ('-75 %%' 0.25, '-50 %%' 0.5, '-20 %%' 0.8, '0' 1, '+25 %%' 1.25, '+100 %%' 2, '+300 %%' 4)
    set xlabel 'requests in flight for each replica' offset 0,0.4
    do for [k=1:panel_n] {
        set lmargin at screen panel_left[k]
        set rmargin at screen panel_right[k]
        set bmargin at screen panel_bottom[k]
        set tmargin at screen panel_top[k]
        of = panel_of[k]
        plot '+' using 1:(0.8):(1.2) with filledcurves lc rgb pale, \
             '' using 1:(0.9):(1.1) with filledcurves lc rgb dark, \
             1 with lines lw 1 lc rgb black, \
             for [dataset in panel_sets[k]] 'validate_load.csv' \
                 using (column('dataset_number') == int(dataset) ? column('in_flight') * aside(int(dataset)) : NaN) \
                 :(kept(column('ratio_'.of))) with points pt 7 ps 0.35 lc rgb tint(int(dataset)), \
             $medians using (column(1) == k ? column(2) : NaN):3 with linespoints pt 5 ps 0.8 lw 2 lc rgb black
        unset label
        unset arrow
    }
    unset multiplot
}
unset output
