# indices.gp - which input explains how much of the spread: Sobol' indices with 95 % intervals, a
# panel for each output that varies.
#
# `gnuplot indices.gp` draws indices.png and indices.svg from indices.csv and indices.set. Colours
# and fonts stand in common.gp, words and places in indices.set.
if (!exists('name')) name = 'indices'

do for [picture in 'png svg'] {
    load 'indices.set'
    load 'common.gp'

    # Words of the whole page: they are drawn with the first panel.
    set label '■ alone (first-order)' at screen across(42), screen panel_top[1] + up(38) left \
        font plain(10.5) tc rgb orange front
    if (has_total) {
        set label '■ with others (total)' at screen across(42), screen panel_top[1] + up(20) left \
            font plain(10.5) tc rgb blue front
    }
    set for [i=1:input_n] label input_text[i] at screen input_x[i], screen input_y[i] right \
        font plain(11.5) tc rgb black front
    set for [i=1:panel_n] label panel_text[i] at screen panel_left[i], screen panel_top[i] + up(22) left \
        font bold(12) tc rgb black front
    set for [i=1:panel_n] label panel_note[i] at screen panel_left[i], screen panel_top[i] + up(5) left \
        font plain(9.5) tc rgb grey front

    set multiplot
    set style fill solid 0.55 noborder
    set border 1
    unset ytics
    set xrange [-0.02:1.05]
    set xtics 0.25
    set yrange [y_lo:y_hi]

    # Two bars a row where there are total indices, else one in its middle.
    kinds = has_total ? 'first total' : 'first'
    beside(kind) = !has_total ? 0 : kind eq 'first' ? 0.18 : -0.18
    tint(kind) = kind eq 'first' ? orange : blue
    do for [i=1:panel_n] {
        set lmargin at screen panel_left[i]
        set rmargin at screen panel_right[i]
        set bmargin at screen panel_bottom[i]
        set tmargin at screen panel_top[i]
        of = panel_of[i]
        plot for [kind in kinds] 'indices.csv' using (column(of.'_'.kind) / 2):'row':(0):of.'_'.kind \
                 :(column('row') + beside(kind) - 0.16):(column('row') + beside(kind) + 0.16) \
                 with boxxyerror lc rgb tint(kind), \
             for [kind in kinds] 'indices.csv' using of.'_'.kind:(column('row') + beside(kind)) \
                 :of.'_'.kind.'_lo':of.'_'.kind.'_hi' with xerrorbars pt 0 lw 1.4 lc rgb black
        unset label
        unset arrow
    }
    unset multiplot
}
unset output
