using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

public class JobTests
{
    private const string Full = """
        version: 1
        model:
          output: both
          nodes:
            left:  { Conv2D: { filters: 4, kernel_size: 3, strides: [1, 2], padding: same, activation: leaky_relu }, inputs: input }
            right: { Conv2D: { filters: 4, kernelSize: [3, 3], strides: [1, 2], padding: same }, inputs: [input] }
            both:  { Add: {}, inputs: [left, right] }
        data: { set: mnist, validation: 0.1, limit: 100 }
        train: { epochs: 2, steps: 7, batch: 50, optimizer: { rmsprop: 0.01 }, loss: SparseCategoricalCrossentropy, seed: 18446744073709551615, clipValue: 1e-3 }
        run: { workers: 3, out: here }
        """;

    [Fact]
    public void Every_kind_of_value_is_read()
    {
        Job job = JobFile.Parse(Full, folder: "/jobs");
        Assert.Equal(3, job.Model.Nodes!.Count);
        Assert.Equal(new Conv2DJob { Filters = 4, KernelSize = 3, Strides = new WindowSize(1, 2), Padding = Padding.Same, Activation = ActivationKind.LeakyReLU }, job.Model.Nodes[0].Layer);
        Assert.Equal(["left", "right"], job.Model.Nodes[2].Inputs);
        Assert.Equal(new RmspropJob { LearningRate = 0.01 }, job.Train.Optimizer);
        Assert.Equal(((LossJob)new SparseCategoricalCrossentropyJob(), ulong.MaxValue, 1e-3, 7L), (job.Train.Loss!, job.Train.Seed, job.Train.ClipValue, job.Train.Steps));
        Assert.Equal(Path.GetFullPath("/jobs/here"), job.Run.Out);
    }

    [Fact]
    public void Canonical_yaml_is_read_back_to_the_same_job()
    {
        string once = JobFile.Parse(Full).ToYaml();
        Assert.Equal(once, JobFile.Parse(once).ToYaml());
        string defaults = new Job().ToYaml();
        Assert.Equal(defaults, JobFile.Parse(defaults).ToYaml());
        Assert.Contains("learningRate: 0.001", defaults, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("with blank: and # and 'quote' and \"quotes\"")]
    [InlineData("\u00e4\u00f6\u4e2d \ud83d\ude00 \u2028")]
    [InlineData("back\\slash\ttab\nline")]
    [InlineData("true")]
    [InlineData("12")]
    [InlineData("~")]
    [InlineData("- x")]
    [InlineData("%&*!|>@`{}[],")]
    public void Any_text_survives_canonical_yaml(string text)
    {
        Job job = new() { Model = new ModelJob { Layers = [new FlattenJob { Name = text }] } };
        Assert.Equal(text, JobFile.Parse(job.ToYaml()).Model.Layers![0].Name);
    }

    [Fact]
    public void The_hash_is_the_same_for_the_same_bits_and_another_for_others()
    {
        string hash = JobFile.Parse(Full).Sha256();
        Assert.Equal(64, hash.Length);
        Assert.Equal(hash, JobFile.Parse(Full.Replace("workers: 3, out: here", "workers: 1, servers: 3, threads: 2, checkpointEvery: 9", StringComparison.Ordinal)).Sha256());
        Assert.Equal(hash, JobFile.Parse(Full.Replace("kernel_size: 3", "kernelSize: [3, 3]", StringComparison.Ordinal)).Sha256());
        Assert.Equal(hash, JobFile.Parse(Full.Replace("batch: 50", "batch: 50, l2: 0", StringComparison.Ordinal)).Sha256());
        Assert.NotEqual(hash, JobFile.Parse(Full.Replace("steps: 7", "steps: 8", StringComparison.Ordinal)).Sha256());
        Assert.NotEqual(hash, JobFile.Parse(Full.Replace("limit: 100", "limit: 101", StringComparison.Ordinal)).Sha256());
        Assert.NotEqual(hash, JobFile.Parse(Full.Replace("inputs: [left, right]", "inputs: [right, left]", StringComparison.Ordinal)).Sha256());
    }

    [Fact]
    public void Differences_name_the_keys()
    {
        Job job = JobFile.Parse(Full);
        Job other = JobFile.Parse(Full.Replace("steps: 7, ", "", StringComparison.Ordinal).Replace("rmsprop: 0.01", "sgd: 0.01", StringComparison.Ordinal));
        Assert.Equal(
            ["train.steps", "train.optimizer.rmsprop.learningRate", "train.optimizer.rmsprop.rho",
                "train.optimizer.rmsprop.epsilon", "train.optimizer.sgd.learningRate"],
            job.Differences(other));
        Assert.Empty(job.Differences(job with { Run = new RunJob { Workers = 9 } }));
    }

    [Fact]
    public void Options_made_in_code_are_checked_like_a_file()
    {
        var options = new TrainerOptions { Train = new TrainJob { Batch = 0 } };
        Assert.Equal(
            "options: train.batch: found 0; allowed: a whole number from 1 to 1048576",
            Assert.Throws<UserError>(() => options.ToJob(new ModelJob())).Message);
    }

    [Fact]
    public void Optimizer_defaults_are_those_of_the_rules()
    {
        foreach (JobSection section in JobSection.Choices(typeof(OptimizerJob))!)
        {
            var optimizer = (OptimizerJob)section.Create();
            IUpdateRule rule = optimizer.ToRule(0, null);
            Assert.Equal(section.Choice!.Name, rule.Name, ignoreCase: true);
            Assert.Equal(rule.DefaultLearningRate, (float)optimizer.LearningRate);
        }

        Assert.Equal(new AdamWJob(), Optimizer.AdamW());
        Assert.Equal(new RmspropJob(), Optimizer.Rmsprop());
        Assert.Equal(new AdagradJob(), Optimizer.Adagrad());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 1)]
    [InlineData(8, 2)]
    [InlineData(31, 4)]
    [InlineData(32, 8)]
    [InlineData(4096, 8)]
    public void Default_slices_are_the_largest_power_of_two_of_at_most_8_and_a_quarter_batch(int batch, int slices) =>
        Assert.Equal(slices, new TrainJob { Batch = batch }.SlicesFor(4));

    [Fact]
    public void Json_is_a_job_too() =>
        Assert.Equal(3, JobFile.Parse("""{"train": {"epochs": 3}, "model": {"layers": ["Flatten", {"Dense": {"units": 2}}]}}""").Train.Epochs);
}
