# inputs.gp - who wins, by the two inputs that explain most: each point is a sample of a sweep.
#
# `gnuplot inputs.gp` draws inputs.png and inputs.svg from inputs.csv and inputs.set. Colours and
# fonts stand in common.gp, words and ranges in inputs.set.
if (!exists('name')) name = 'inputs'

do for [picture in 'png svg'] {
    load 'inputs.set'
    load 'common.gp'

    set lmargin at screen panel_left
    set rmargin at screen panel_right
    set bmargin at screen panel_bottom
    set tmargin at screen panel_top

    # Winners are 0 (buying), 1 (this build), 2 (no fleet meets the SLO).
    tint(winner) = winner == 0 ? blue : winner == 1 ? orange : pale
    set for [i=1:winner_n] label winner_text[i] at screen winner_x[i], screen winner_y[i] left \
        font plain(11.5) tc rgb tint(winner_is[i]) front

    if (x_log) { set logscale x }
    if (y_log) { set logscale y }
    set xrange [x_lo:x_hi]
    set yrange [y_lo:y_hi]
    set xtics ()
    set ytics ()
    set for [i=1:xtic_n] xtics add (xtic_text[i] xtic_at[i] xtic_minor[i])
    set for [i=1:ytic_n] ytics add (ytic_text[i] ytic_at[i] ytic_minor[i])
    set xlabel x_title offset 0,-0.2
    set ylabel y_title offset -0.5,0

    plot for [winner in winners] 'inputs.csv' \
        using (column('winner') == int(winner) ? column('x') : NaN):'y' \
        with points pt 7 ps 0.55 lc rgb tint(int(winner))
}
unset output
