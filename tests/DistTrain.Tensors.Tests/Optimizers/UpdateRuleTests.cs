namespace DistTrain.Tensors.Tests;

public class UpdateRuleTests
{
    private delegate double NaiveRule(double w, double g, double[] slots, double rate, double b1t, double b2t);

    // Transcriptions of the published formulas in double precision, without fma and without float roundings.
    private static readonly Dictionary<string, (Func<float, float, IUpdateRule> Create, NaiveRule Naive)> Rules = new()
    {
        ["sgd"] = ((l2, clip) => new Sgd(l2, clip), (w, g, s, rate, _, _) => w - (rate * g)),
        ["momentum"] = ((l2, clip) => new Momentum(0.9, l2, clip), (w, g, s, rate, _, _) => w - (rate * (s[0] = (0.9 * s[0]) + g))),
        ["nesterov"] = ((l2, clip) => new Nesterov(0.8, l2, clip), (w, g, s, rate, _, _) =>
        {
            s[0] = (0.8 * s[0]) + g;
            return w - (rate * (g + (0.8 * s[0])));
        }
        ),
        ["adagrad"] = ((l2, clip) => new AdaGrad(1e-10, l2, clip), (w, g, s, rate, _, _) =>
        {
            s[0] += g * g;
            return w - (rate * g / (Math.Sqrt(s[0]) + 1e-10));
        }
        ),
        ["rmsprop"] = ((l2, clip) => new RmsProp(0.99, 1e-8, l2, clip), (w, g, s, rate, _, _) =>
        {
            s[0] = (0.99 * s[0]) + (0.01 * g * g);
            return w - (rate * g / (Math.Sqrt(s[0]) + 1e-8));
        }
        ),
        ["adam"] = ((l2, clip) => new Adam(0.9, 0.999, 1e-8, l2, clip), NaiveAdam),
        ["adadelta"] = ((l2, clip) => new AdaDelta(0.9, 1e-6, l2, clip), (w, g, s, rate, _, _) =>
        {
            s[0] = (0.9 * s[0]) + (0.1 * g * g);
            double change = Math.Sqrt(s[1] + 1e-6) / Math.Sqrt(s[0] + 1e-6) * g;
            s[1] = (0.9 * s[1]) + (0.1 * change * change);
            return w - (rate * change);
        }
        ),
        ["nadam"] = ((l2, clip) => new NAdam(0.9, 0.999, 1e-8, l2, clip), NaiveNAdam),
        ["adamW"] = (
            (l2, clip) => new AdamW(0.9, 0.999, 1e-8, 0.01, l2, clip),
            (w, g, s, rate, b1t, b2t) => NaiveAdam(w * (1 - (rate * 0.01)), g, s, rate, b1t, b2t)),
    };

    public static TheoryData<string, float, float, float> Cases
    {
        get
        {
            var cases = new TheoryData<string, float, float, float>();
            foreach (string name in Rules.Keys)
            {
                cases.Add(name, 0f, float.PositiveInfinity, 64f);
                cases.Add(name, 0.01f, 0.3f, 50f);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Twenty_steps_agree_with_a_double_transcription(string name, float l2, float clip, float weightSum)
    {
        const int N = 133;
        IUpdateRule rule = Rules[name].Create(l2, clip);
        Assert.Equal(name, rule.Name);
        float[] weights = Bits.Finite(N, 1), slots = new float[rule.SlotCount * N];
        double[] exact = Array.ConvertAll(weights, w => (double)w);
        double[][] exactSlots = [.. Enumerable.Range(0, N).Select(_ => new double[2])];
        OptimizerState state = OptimizerState.Initial;
        for (int step = 0; step < 20; step++)
        {
            float[] sums = Bits.Finite(N, 100 + step, 2 * weightSum);
            rule.Update(state.Begin(rule, 0.01f), sums, weightSum, weights, weights, slots, slots);
            state = state.After(rule);
            for (int i = 0; i < N; i++)
            {
                double g = Math.Clamp(sums[i] / (double)weightSum, -clip, clip) + (l2 * exact[i]);
                exact[i] = Rules[name].Naive(exact[i], g, exactSlots[i], 0.01, Math.Pow(0.9, step + 1), Math.Pow(0.999, step + 1));
            }
        }

        // Float roundings of 20 steps of weights around 1: 20 half-ulps of 1.2e-7 and what the slots add.
        for (int i = 0; i < N; i++)
        {
            Assert.Equal(exact[i], weights[i], 3e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Bits_depend_neither_on_width_nor_on_cuts_nor_on_aliasing(string name, float l2, float clip, float weightSum)
    {
        IUpdateRule rule = Rules[name].Create(l2, clip);
        for (int n = 0; n <= 260; n += n < 36 ? 1 : 37)
        {
            float[] weights = Bits.Finite(n, 2), sums = Bits.Finite(n, 3, 40f), slots = Bits.Finite(rule.SlotCount * n, 4);
            for (int i = 0; i < slots.Length; i++)
            {
                slots[i] = MathF.Abs(slots[i]);
            }

            UpdateStep step = new OptimizerState(7, 0.5, 0.9).Begin(rule, 0.003f);
            float[] expected = new float[n], expectedSlots = new float[slots.Length];
            Lanes.Force(1, () => rule.Update(step, sums, weightSum, weights, expected, slots, expectedSlots));
            foreach (int width in Bits.Widths)
            {
                Lanes.Force(width, () =>
                {
                    float[] actual = (float[])weights.Clone(), actualSlots = (float[])slots.Clone();
                    rule.Update(step, sums, weightSum, actual, actual, actualSlots, actualSlots);
                    Bits.Equal(expected, actual, $"{name}, {n} weights in place, width {width}");
                    Bits.Equal(expectedSlots, actualSlots, $"{name}, {n} slots in place, width {width}");
                    UpdateInTwoRuns(rule, step, sums, weightSum, weights, slots, n / 3, actual, actualSlots);
                    Bits.Equal(expected, actual, $"{name}, {n} weights in two runs, width {width}");
                    Bits.Equal(expectedSlots, actualSlots, $"{name}, {n} slots in two runs, width {width}");
                });
            }
        }
    }

    [Fact]
    public void Adam_in_float_is_this_sequence_of_operations()
    {
        float[] weights = Bits.Finite(50, 5), sums = Bits.Finite(50, 6, 100f), slots = new float[100], newWeights = new float[50], newSlots = new float[100];
        var rule = new Adam();
        UpdateStep step = OptimizerState.Initial.Begin(rule, 1e-3f);
        rule.Update(step, sums, 50f, weights, newWeights, slots, newSlots);
        float a = (float)(1e-3f / (1 - 0.9)), c = (float)(1 / Math.Sqrt(1 - 0.999));
        for (int i = 0; i < 50; i++)
        {
            float g = sums[i] / 50f;
            float m = MathF.FusedMultiplyAdd(0.9f, 0f, (float)(1 - 0.9) * g);
            float v = MathF.FusedMultiplyAdd(0.999f, 0f, (float)(1 - 0.999) * (g * g));
            float w = MathF.FusedMultiplyAdd(-a, m / MathF.FusedMultiplyAdd(MathF.Sqrt(v), c, 1e-8f), weights[i]);
            Bits.Equal([m, v, w], [newSlots[i], newSlots[50 + i], newWeights[i]], $"weight {i}");
        }
    }

    [Fact]
    public void L1_adds_the_sign_of_the_weight_to_the_gradient()
    {
        float[] weights = [2, -3, 0, 1], moved = new float[4];
        new Sgd(l2: 0.5f, clipValue: 1, l1: 0.25f).Update(new UpdateStep(0, 1, 1, 1), [4, 4, 4, 40], 4, weights, moved, [], []);
        Assert.Equal([2 - (1 + 1 + 0.25f), -3 - (1 - 1.5f - 0.25f), -1, 1 - (1 + 0.5f + 0.25f)], moved);
    }

    [Fact]
    public void Average_begins_with_the_first_weights_and_follows_the_rules_own()
    {
        var rule = new AveragedRule(new Momentum(0.5), 0.75);
        Assert.Equal(["velocity", "average"], rule.SlotNames);
        float[] weights = [1, 2], slots = new float[4];
        float[] plain = [1, 2], velocity = new float[2], average = [1, 2];
        OptimizerState state = OptimizerState.Initial;
        for (int step = 0; step < 3; step++)
        {
            UpdateStep update = state.Begin(rule, 0.5f);
            rule.Update(update, [1, -2], 1, weights, weights, slots, slots);
            new Momentum(0.5).Update(update, [1, -2], 1, plain, plain, velocity, velocity);
            state = state.After(rule);
            for (int i = 0; i < 2; i++)
            {
                average[i] = MathF.FusedMultiplyAdd(0.75f, average[i], 0.25f * plain[i]);
            }
        }

        Bits.Equal(plain, weights, "weights");
        Bits.Equal([.. velocity, .. average], slots, "slots");
    }

    [Fact]
    public void Division_by_a_power_of_two_is_the_division()
    {
        float[] sums = [1e-44f, -3e-39f, 5f, float.MaxValue, 1.17549435e-38f], weights = new float[5], expected = new float[5];
        for (float weightSum = 1; weightSum <= 1024; weightSum *= 2)
        {
            new Sgd().Update(new UpdateStep(0, -1f, 1, 1), sums, weightSum, new float[5], weights, [], []);
            for (int i = 0; i < 5; i++)
            {
                expected[i] = sums[i] / weightSum;
            }

            Bits.Equal(expected, weights, $"sum of weights {weightSum}");
        }
    }

    [Fact]
    public void Slots_below_the_smallest_normal_number_become_zero()
    {
        float[] slots = [1.2e-38f, -1.2e-38f, 1e-30f], weights = new float[3];
        var rule = new Momentum();
        rule.Update(OptimizerState.Initial.Begin(rule, 0.1f), new float[3], 1f, weights, weights, slots, slots);
        Bits.Equal([0f, 0f, 0.9f * 1e-30f], slots, "velocity");
    }

    [Fact]
    public void Running_products_continue_from_a_saved_state()
    {
        var rule = new Adam();
        OptimizerState state = OptimizerState.Initial;
        for (int i = 0; i < 5; i++)
        {
            state = state.After(rule);
        }

        OptimizerState restored = new(state.Steps, state.Beta1Power, state.Beta2Power);
        Assert.Equal(0.9 * 0.9 * 0.9 * 0.9 * 0.9, state.Beta1Power);
        Assert.Equal(state.Begin(rule, 1f), restored.Begin(rule, 1f));
        Assert.Equal(5, restored.Begin(rule, 1f).Step);
        Assert.Equal(state.After(rule).Beta2Power, restored.Begin(rule, 1f).Beta2Power);
    }

    [Fact]
    public void Wrong_lengths_weight_sums_and_hyperparameters_are_refused()
    {
        var rule = new Adam();
        UpdateStep step = OptimizerState.Initial.Begin(rule, 0.1f);
        var three = new float[3];
        Assert.Throws<ArgumentException>(() => rule.Update(step, new float[2], 1f, three, three, new float[6], new float[6]));
        Assert.Throws<ArgumentException>(() => rule.Update(step, three, 1f, new float[3], new float[3], new float[3], new float[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => rule.Update(step, new float[3], 0f, three, three, new float[6], new float[6]));
        Assert.Throws<ArgumentException>(() => rule.Update(new UpdateStep(0, 0.1f, 1, 1), new float[3], 1f, three, three, new float[6], new float[6]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(beta1: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(clipValue: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RmsProp(l2: -1));
    }

    private static double NaiveNAdam(double w, double g, double[] s, double rate, double b1t, double b2t)
    {
        // Steps so far, from 0.9 to their power: the naive rules get nothing else.
        int t = (int)Math.Round(Math.Log(b1t) / Math.Log(0.9));
        double Mu(int step) => 0.9 * (1 - (0.5 * Math.Pow(0.96, 0.004 * step)));
        double product = Enumerable.Range(1, t).Aggregate(1.0, (all, step) => all * Mu(step));
        s[0] = (0.9 * s[0]) + (0.1 * g);
        s[1] = (0.999 * s[1]) + (0.001 * g * g);
        double root = Math.Sqrt(s[1] / (1 - b2t)) + 1e-8;
        return w - (rate * (1 - Mu(t)) / (1 - product) * g / root) - (rate * Mu(t + 1) / (1 - (product * Mu(t + 1))) * s[0] / root);
    }

    private static double NaiveAdam(double w, double g, double[] s, double rate, double b1t, double b2t)
    {
        s[0] = (0.9 * s[0]) + (0.1 * g);
        s[1] = (0.999 * s[1]) + (0.001 * g * g);
        return w - (rate * (s[0] / (1 - b1t)) / (Math.Sqrt(s[1] / (1 - b2t)) + 1e-8));
    }

    private static void UpdateInTwoRuns(
        IUpdateRule rule, UpdateStep step, float[] sums, float weightSum, float[] weights, float[] slots, int cut, float[] newWeights, float[] newSlots)
    {
        int n = weights.Length;
        foreach (Range range in new[] { ..cut, cut..n })
        {
            int length = range.GetOffsetAndLength(n).Length;
            float[] part = new float[rule.SlotCount * length], newPart = new float[part.Length];
            for (int s = 0; s < rule.SlotCount; s++)
            {
                slots.AsSpan(s * n, n)[range].CopyTo(part.AsSpan(s * length));
            }

            rule.Update(step, sums.AsSpan(range), weightSum, weights.AsSpan(range), newWeights.AsSpan(range), part, newPart);
            for (int s = 0; s < rule.SlotCount; s++)
            {
                newPart.AsSpan(s * length, length).CopyTo(newSlots.AsSpan(s * n, n)[range]);
            }
        }
    }
}
