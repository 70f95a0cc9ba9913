namespace DistTrain.TestKit;

/// <summary>How far a computed value may be from the exact one, and why.</summary>
public static class Tolerances
{
    /// <summary>2⁻²⁴: half the spacing of float32 at 1.</summary>
    public const double UnitRoundoff = 1.0 / (1 << 24);

    /// <summary>
    /// Relative to the largest element of an array. A chain of n float32 operations is off by at most about n u (Higham, "Accuracy
    /// and Stability of Numerical Algorithms", 2nd ed., section 3.1); the graphs of the tests have chains below 1000 operations,
    /// and the elementary functions are good to a few u. 1000 u = 6e-5.
    /// </summary>
    public const double Graph = 1000 * UnitRoundoff;

    /// <summary>
    /// Step of a central difference in double precision: the cut-off error falls with h², the rounding error of the loss grows
    /// with 1e-16 / h; they meet near the cube root of the unit roundoff (Press et al., "Numerical Recipes", section 5.7).
    /// Both are near 1e-10 here, far below <see cref="Graph"/>.
    /// </summary>
    public const double DifferenceStep = 6e-6;

    /// <summary>
    /// Golden dumps are exact: what differs is float32 rounding here, over chains of fewer than 200 operations. Relative to the
    /// largest element of an array: 1e-5 is 170 u.
    /// </summary>
    public const double Golden = 1e-5;

    /// <summary>An array whose elements are all smaller than this is what cancelled between numbers near 1, and is compared with this.</summary>
    public const double GoldenSmallest = 1e-3;
}
