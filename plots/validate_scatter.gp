# validate_scatter.gp - predicted against measured: each point is a benchmark run that others
# published, simulated the way it was run. Bands are 10 % and 20 %.
#
# `gnuplot validate_scatter.gp` draws validate_scatter.png and validate_scatter.svg from
# validate_scatter.csv and validate_scatter.set. Fonts and the page stand in common.gp, words and
# ranges in validate_scatter.set.
if (!exists('name')) name = 'validate_scatter'

do for [picture in 'png svg'] {
    load 'validate_scatter.set'
    load 'common.gp'

    # Eight datasets have a colour of their own; those past the last share its colour.
    tints = '#0072B2 #D55E00 #009E73 #CC79A7 #E69F00 #56B4E9 #222222 #888888'
    tint(dataset) = word(tints, dataset + 1)

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
    small = plain(9.5)
    set xtics font small
    set xlabel 'measured' offset 0,0.4
    set ylabel 'predicted' offset 1,0
    do for [k=1:panel_n] {
        set lmargin at screen panel_left[k]
        set rmargin at screen panel_right[k]
        set bmargin at screen panel_bottom[k]
        set tmargin at screen panel_top[k]
        set xrange [panel_lo[k]:panel_hi[k]]
        set yrange [panel_lo[k]:panel_hi[k]]
        set xtics ()
        set ytics ()
        do for [i=1:tic_n] {
            if (tic_panel[i] == k) {
                set xtics add (tic_text[i] tic_at[i] tic_minor[i])
                set ytics add (tic_text[i] tic_at[i] tic_minor[i])
            }
        }
        of = panel_of[k]
        plot '+' using 1:($1*0.8):($1*1.2) with filledcurves lc rgb pale, \
             '' using 1:($1*0.9):($1*1.1) with filledcurves lc rgb dark, \
             x with lines lw 1 lc rgb black, \
             for [dataset in panel_sets[k]] 'validate_scatter.csv' \
                 using (column('dataset_number') == int(dataset) ? column('measured_'.of) : NaN):'predicted_'.of \
                 with points pt 7 ps 0.35 lc rgb tint(int(dataset))
        unset label
        unset arrow
    }
    unset multiplot
}
unset output
