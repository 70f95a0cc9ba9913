using System.Globalization;
using System.Text.RegularExpressions;
using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.EndToEnd.Tests;

/// <summary>
/// docs/follow-one-gradient.md is true: the files and names it gives exist, and the numbers in its tables are those that the real
/// machines compute for its job and its samples.
/// </summary>
public class FollowOneGradientTests
{
    private const int Stations = 10;

    private static readonly GradientPage Page = GradientPage.Read();
    private static readonly TrainingTask Task = CreateTask();
    private static readonly Lazy<FollowedRun> Followed = new(Follow);

    private static FollowedRun Run => Followed.Value;

    [Fact]
    public void Every_file_is_there_and_declares_what_the_page_names_with_it()
    {
        Assert.Equal(Enumerable.Range(1, Stations), Page.Files.Select(file => file.Section).Distinct());
        Assert.Empty(
            from file in Page.Files
            from name in file.Names.DefaultIfEmpty("(nothing named)")
            where !Declares(Path.Combine(BuiltCommand.RepositoryRoot, file.Path), name)
            select $"{file.Path}: {name}");
    }

    [Fact]
    public void Station_1_samples_of_each_slice()
    {
        int[] samples = SamplesOf(step: 0);
        MustSay(
            1,
            table: 0,
            from slice in Slices
            let positions = PositionsOf(slice)
            select Row(slice, List(positions), List(positions.Select(position => samples[position]))));
    }

    [Fact]
    public void Station_2_predictions_and_sums_of_each_slice()
    {
        float[] weights = Task.InitialWeights();
        float[] predictions = Predict(weights);
        float[] losses = Losses(weights);
        float[] targets = Targets;
        MustSay(
            2,
            table: 0,
            SamplesOf(step: 0).Select(sample => Row(sample, predictions[sample], losses[sample], 2 * (predictions[sample] - targets[sample]))));
        MustSay(2, table: 1, PushesOf(step: 0).Select(push => Row(push.Range.First, Statistics(push.Statistics))));
    }

    [Fact]
    public void Station_3_gradients_of_each_slice() =>
        MustSay(3, table: 0, PushesOf(step: 0).Select(push => Row(push.Range.First, Row(push.Gradient))));

    [Fact]
    public void Station_4_one_block_is_complete_for_each_worker()
    {
        MustSay(
            4,
            table: 0,
            Run.Plan.Blocks.Select(block => Row(block.Id, block.Length, List(Task.Layout.Parameters.Select(parameter => parameter.Name)))));
        MustSay(
            4,
            table: 1,
            from ready in Run.Ready
            where ready.Step.Value == 0
            orderby ready.Worker.Number
            select Row(ready.Worker, ready.Range.First, List(ready.Gradient)));
    }

    [Fact]
    public void Stations_5_and_6_pushes_and_their_bytes()
    {
        MustSay(
            5,
            table: 0,
            PushesOf(step: 0).Select(push => Row(push.From, push.To, push.Step, push.Range.First)));
        MustSay(6, table: 0, PushesOf(step: 0).Select(push => Row(push.From, push.Gradient.Length, push.Bytes)));
    }

    [Fact]
    public void Station_7_the_tree_gets_its_last_leaf()
    {
        var pool = new BlockPool();
        var tree = new ReductionTree(pool, Task.Slices);
        tree.Begin(Task.Steps.Rows(0));
        var rows = new List<string>();
        foreach (FollowedRun.Push push in PushesOf(step: 0))
        {
            tree.Offer(push.Range, pool.RentCopy(push.Gradient), push.Statistics);
            rows.Add(Row($"slice {push.Range.First}", Row(push.Gradient), Statistics(push.Statistics)));
        }

        rows.Add(Row("sum", Row(tree.Sum.Span.ToArray()), Statistics(tree.Statistics)));
        MustSay(7, table: 0, rows);
        Assert.Equal(tree.Statistics, CommittedIn(step: 0));
        Assert.Equal([0L, 1L], Run.Acceptances.Where(answer => answer.Message.Step.Value == 0).Select(answer => answer.Message.Current.Value).Order());
    }

    [Fact]
    public void Stations_8_and_9_the_update_and_its_publication()
    {
        float[] sum = [.. PushesOf(step: 0).Select(push => push.Gradient).Aggregate(Add)];
        float weightSum = CommittedIn(step: 0).WeightSum;
        (MachineId From, MachineId To, WeightVersion Version, float[] Weights)[] published =
            [.. Run.Publications.Where(publication => publication.Version.Value == 1).OrderBy(publication => publication.To)];
        MustSay(
            8,
            table: 0,
            [Row("version 0", Row(Task.InitialWeights())), Row("average", Row([.. sum.Select(value => value / weightSum)])), Row("version 1", Row(published[0].Weights))]);
        MustSay(
            9,
            table: 0,
            published.Select(publication => Row(publication.From, publication.To, publication.Version, List(publication.Weights))));
    }

    [Fact]
    public void Station_10_the_next_step_on_the_new_weights()
    {
        int[] samples = SamplesOf(step: 1);
        float[] predictions = Predict(Run.Publications.First(publication => publication.Version.Value == 1).Weights);
        MustSay(
            10,
            table: 0,
            from push in PushesOf(step: 1)
            let own = PositionsOf(push.Range.First).Select(position => samples[position]).ToArray()
            select Row(push.From, List(own), List(own.Select(sample => predictions[sample])), push.Statistics.Sums[Loss.LossColumn]));
        MustSay(
            10,
            table: 1,
            from step in new[] { 0, 1 }
            let committed = CommittedIn(step)
            select Row($"step {step}", committed.Sums[Loss.LossColumn], committed.WeightSum, committed.Sums[Loss.LossColumn] / committed.WeightSum));
    }

    [Fact]
    public void The_run_ends_with_the_oracles_bits()
    {
        float[] final = Run.Publications.Last(publication => publication.Version.Value == Task.Steps.TotalSteps).Weights;
        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(Task).Run().Weights), WeightsHash.Sha256(final));
    }

    /// <summary>The failure's text holds the rows to put into the page.</summary>
    private static void MustSay(int section, int table, IEnumerable<string> rows)
    {
        string[] expected = [.. rows];
        IReadOnlyList<string> found = Page.Rows(section, table);
        Assert.True(
            expected.SequenceEqual(found),
            $"docs/follow-one-gradient.md, section {section}, table {table + 1}: computed\n| {string.Join(" |\n| ", expected)} |\nwritten\n| {string.Join(" |\n| ", found)} |");
    }

    private static IEnumerable<int> Slices => Enumerable.Range(0, Task.Slices);

    private static float[] Targets => [.. Page.Rows(0).Select(row => Number(row.Split(" | ")[3]))];

    /// <summary>The page's own job on the page's own samples.</summary>
    private static TrainingTask CreateTask()
    {
        string[][] rows = [.. Page.Rows(0).Select(row => row.Split(" | "))];
        float[][] features = [.. rows.Select(row => new[] { Number(row[1]), Number(row[2]) })];
        float[][] targets = [.. rows.Select(row => new[] { Number(row[3]) })];
        return TrainingTask.Create(JobFile.Parse(Page.Job), new Splits(Dataset.FromArrays(features, targets)));
    }

    private static FollowedRun Follow()
    {
        using var run = new FollowedRun(Task);
        run.Run();
        return run;
    }

    private static IEnumerable<FollowedRun.Push> PushesOf(long step) =>
        Run.Pushes.Where(push => push.Step.Value == step).OrderBy(push => push.Range);

    private static RangeStatistics CommittedIn(long step) =>
        Run.Events.OfType<StepCommitted>().Single(committed => committed.Step.Value == step).Statistics;

    private static int[] SamplesOf(long step)
    {
        int[] samples = new int[Task.Steps.Rows(step)];
        Task.Loader.Indices(Task.Steps.Pass(step), Task.Steps.StepInPass(step), 0, samples);
        return samples;
    }

    private static int[] PositionsOf(int slice)
    {
        int start = SliceTree.SliceStart(Task.Steps.Rows(0), Task.Slices, slice);
        return [.. Enumerable.Range(start, SliceTree.SliceStart(Task.Steps.Rows(0), Task.Slices, slice + 1) - start)];
    }

    private static float[] Predict(float[] weights)
    {
        GraphExecutor executor = Forward(GraphPlan.ForPrediction(Task.Graph, Task.Data.Train.Count), weights);
        return executor.Prediction.ToArray();
    }

    private static float[] Losses(float[] weights)
    {
        GraphExecutor executor = Forward(GraphPlan.ForEvaluation(Task.Graph, Task.Data.Train.Count), weights);
        return [.. executor.SampleStatistics.ToArray().Where((_, i) => i % Loss.StatisticCount == Loss.LossColumn)];
    }

    private static GraphExecutor Forward(GraphPlan plan, float[] weights)
    {
        int[] all = [.. Enumerable.Range(0, Task.Data.Train.Count)];
        float[] features = new float[all.Length * Task.Data.Train.SampleShape.Length];
        float[] targets = new float[all.Length];
        Task.Data.Train.Read(all, features, targets);
        var executor = new GraphExecutor(plan, ForkJoinPool.Single);
        executor.Forward(new ForwardRun
        {
            Rows = all.Length,
            Inputs = [features],
            Targets = plan.Purpose == PlanPurpose.Prediction ? default : targets,
            Parameters = Task.Layout.Parts(weights),
            SampleIndices = all,
        });
        return executor;
    }

    private static float[] Add(float[] left, float[] right) => [.. left.Zip(right, (a, b) => a + b)];

    /// <summary>Loss, absolute error, weight.</summary>
    private static string Statistics(RangeStatistics statistics) => Row([.. statistics.Sums, statistics.WeightSum]);

    private static string Row(float[] values) => Row([.. values.Cast<object>()]);

    private static string Row(params object[] cells) =>
        string.Join(" | ", cells.Select(cell => string.Format(CultureInfo.InvariantCulture, "{0}", cell)));

    private static string List<T>(IEnumerable<T> values) =>
        string.Join(", ", values.Select(value => string.Format(CultureInfo.InvariantCulture, "{0}", value)));

    private static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);

    private static bool Declares(string path, string name)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        string text = File.ReadAllText(path);
        string[] parts = name.Split('.');
        return Regex.IsMatch(text, $@"\b(?:class|struct|interface|record|enum) {Regex.Escape(parts[0])}\b")
            && parts.Skip(1).All(member => Regex.IsMatch(text, $@"^ .*[\w>\])?] {Regex.Escape(member)}(?:\(|<| =>| \{{|$)", RegexOptions.Multiline));
    }
}
