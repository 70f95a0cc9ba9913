using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

/// <summary>Each row: a mistake in a job, and the one line it is answered with.</summary>
public class JobErrorsTests
{
    [Theory]
    [InlineData("train:\n  batch: 0", "job.yaml:2: train.batch: found 0; allowed: a whole number from 1 to 1048576")]
    [InlineData("train: { batch: many }", "job.yaml:1: train.batch: found \"many\"; allowed: a whole number from 1 to 1048576")]
    [InlineData("train: { batch: \"64\" }", "job.yaml:1: train.batch: found \"64\"; allowed: a whole number from 1 to 1048576")]
    [InlineData("train: { batch: 1.5 }", "job.yaml:1: train.batch: found 1.5; allowed: a whole number from 1 to 1048576")]
    [InlineData("train: { batch: [1] }", "job.yaml:1: train.batch: found a list; allowed: a whole number from 1 to 1048576")]
    [InlineData("train: { batch: 99999999999 }", "job.yaml:1: train.batch: found 99999999999; allowed: a whole number from 1 to 1048576")]
    [InlineData("run:\n  workers: -1", "job.yaml:2: run.workers: found -1; allowed: a whole number from 1 to 1024")]
    [InlineData("run: { engine: akka }", "job.yaml:1: run.engine: found \"akka\"; allowed: one of local, processes")]
    [InlineData("version: 2", "job.yaml:1: version: found 2; allowed: 1")]
    [InlineData("trian: {}", "job.yaml:1: trian: unknown key; did you mean \"train\"? allowed: version, model, data, train, run")]
    [InlineData("model: { preset: cnn }\ndata:\n  sett: mnist", "job.yaml:3: data.sett: unknown key; did you mean \"set\"? allowed: set, path, synthetic, testPath, format, validation, test, folds, fold, limit, scale, augment, reconstruct, mixup")]
    [InlineData("data: { path: a, set: mnist }", "job.yaml:1: data.set: given beside path; allowed: one of the two")]
    [InlineData("data: { path: \"\" }", "job.yaml:1: data.path: found \"\"; allowed: a path")]
    [InlineData("data: { path: \"a\\0b\" }", "job.yaml:1: data.path: found \"a\\0b\"; allowed: a path")]
    [InlineData("data: { validation: 1 }", "job.yaml:1: data.validation: found 1; allowed: a number from 0, below 1")]
    [InlineData("data: { validation: .nan }", "job.yaml:1: data.validation: found \".nan\"; allowed: a number from 0, below 1")]
    [InlineData("data: mnist", "job.yaml:1: data: found \"mnist\"; allowed: the keys set, path, synthetic, testPath, format, validation, test, folds, fold, limit, scale, augment, reconstruct, mixup")]
    [InlineData("train:\n  epochs: 1\n  batch: 2\n  epochs: 3", "job.yaml:4: train.epochs: given twice, first on line 2; allowed: once")]
    [InlineData("train:\n  evaluation_batch: 1\n  evaluationBatch: 3", "job.yaml:3: train.evaluationBatch: given twice, first on line 2; allowed: once")]
    [InlineData("train: { slices: 6 }", "job.yaml:1: train.slices: found 6; allowed: a power of two from 1 to 1024")]
    [InlineData("run: { replicas: 2 }", "job.yaml:1: run.replicas: found 2; allowed: 1 to the number of run.servers, which is 1")]
    [InlineData("train: { loss: CrossEntropyLoss }", "job.yaml:1: train.loss: found \"CrossEntropyLoss\"; did you mean \"sparseCategoricalCrossentropy\"? allowed: one of {losses}")]
    [InlineData("train: { lr: 1 }", "job.yaml:1: train.lr: unknown key; did you mean \"optimizer\"? allowed: {train}")]
    [InlineData("train: { optimizer: adan }", "job.yaml:1: train.optimizer: found \"adan\"; did you mean \"adam\"? allowed: one of {optimizers}")]
    [InlineData("train: { optimizer: { sgd: { lr: 0.1 } } }", "job.yaml:1: train.optimizer.sgd.lr: unknown key; did you mean \"learningRate\"? allowed: learningRate")]
    [InlineData("train: { optimizer: { sgd: 0 } }", "job.yaml:1: train.optimizer.sgd.learningRate: found 0; allowed: a number above 0")]
    [InlineData("train: { optimizer: { adam: {}, sgd: {} } }", "job.yaml:1: train.optimizer: found \"sgd\" beside \"adam\"; allowed: one of {optimizers}")]
    [InlineData("train: { optimizer: { adam: { beta1: 1 } } }", "job.yaml:1: train.optimizer.adam.beta1: found 1; allowed: a number from 0, below 1")]
    [InlineData("model:\n  layers:\n    - Linear: 10", "job.yaml:3: model.layers[0]: found \"Linear\"; did you mean \"Dense\"? allowed: one of {layers}")]
    [InlineData("model:\n  layers:\n    - MaxPool2d: 2", "job.yaml:3: model.layers[0]: found \"MaxPool2d\"; did you mean \"MaxPooling2D\"? allowed: one of {layers}")]
    [InlineData("model:\n  layers:\n    - Dense: { activation: relu }", "job.yaml:3: model.layers[0].Dense.units: missing; allowed: a whole number from 1 to 1048576")]
    [InlineData("model:\n  layers:\n    - Dense: { units: 3, activation: rleu }", "job.yaml:3: model.layers[0].Dense.activation: found \"rleu\"; did you mean \"relu\"? allowed: one of linear, relu, leakyRelu, gelu, sigmoid, tanh, softmax, silu, elu, selu, softplus")]
    [InlineData("model:\n  layers:\n    - Conv2D: { filters: 3, kernelSize: [3, 0] }", "job.yaml:3: model.layers[0].Conv2D.kernelSize: found 0; allowed: a whole number from 1 to 1024, or two of them as [height, width]")]
    [InlineData("model: { layers: [] }", "job.yaml:1: model.layers: found an empty list; allowed: at least one layer")]
    [InlineData("model: { layers: { Dense: 3 } }", "job.yaml:1: model.layers: found a group of keys; allowed: a list")]
    [InlineData("model: { preset: cnn, layers: [Flatten] }", "job.yaml:1: model.layers: given beside preset; allowed: one of the two")]
    [InlineData("model:\n  nodes:\n    a: { Dense: 3, inputs: b }\n    b: { Dense: 3 }", "job.yaml:3: model.nodes.a.inputs: found \"b\"; allowed: earlier nodes, here input")]
    [InlineData("model:\n  nodes:\n    a: { Dense: 3, inputs: imput }", "job.yaml:3: model.nodes.a.inputs: found \"imput\"; did you mean \"input\"? allowed: earlier nodes, here input")]
    [InlineData("model:\n  nodes:\n    input: { Dense: 3 }", "job.yaml:3: model.nodes.input: \"input\" is the data; allowed: any other name")]
    [InlineData("model:\n  output: b\n  nodes:\n    a: { Dense: 3 }", "job.yaml:2: model.output: found \"b\"; allowed: a")]
    [InlineData("model: { output: b }", "job.yaml:1: model.output: found \"b\"; allowed: only together with model.nodes")]
    [InlineData("model:\n  nodes:\n    a: { Dense: 3 }\n    b: { sameAs: c }", "job.yaml:4: model.nodes.b.sameAs: found \"c\"; allowed: an earlier node with a layer of its own, here a")]
    [InlineData("model:\n  nodes:\n    a: { Dense: 3 }\n    b: { sameAs: a, Dense: 3 }", "job.yaml:4: model.nodes.b: found \"Dense\" beside sameAs; allowed: inputs")]
    [InlineData("model: { layers: [{ Reshape: { targetShape: [2, x] } }] }", "job.yaml:1: model.layers[0].Reshape.targetShape[1]: found \"x\"; allowed: a whole number from 1 to 2147483647")]
    [InlineData("train: &a { batch: 1 }", "job.yaml:1: train: anchors and aliases (& and *) are not understood; write the value out")]
    [InlineData("- 1", "job.yaml:1: found a list; allowed: the keys version, model, data, train, run")]
    [InlineData("version: 1\n---\nversion: 1", "job.yaml:2: a second document begins; allowed: one")]
    public void A_mistake_is_told_with_its_place_what_was_found_and_what_is_allowed(string yaml, string expected)
    {
        UserError error = Assert.Throws<UserError>(() => JobFile.Parse(yaml, "job.yaml"));
        expected = expected
            .Replace("{train}", string.Join(", ", JobSection.Of(typeof(TrainJob)).Names), StringComparison.Ordinal)
            .Replace("{layers}", string.Join(", ", JobSection.Choices(typeof(LayerJob))!.Select(choice => choice.Choice!.Name)), StringComparison.Ordinal)
            .Replace("{optimizers}", string.Join(", ", JobSection.Choices(typeof(OptimizerJob))!.Select(choice => choice.Choice!.Name)), StringComparison.Ordinal)
            .Replace("{losses}", string.Join(", ", JobSection.Choices(typeof(LossJob))!.Select(choice => choice.Choice!.Name)), StringComparison.Ordinal);
        Assert.Equal(expected, error.Message);
    }

    [Theory]
    [InlineData("train: { batch: 1", "job.yaml:")]
    [InlineData("train:\n  batch: 1\n epochs: 2", "job.yaml:3: broken YAML: ")]
    [InlineData("train:\n\tbatch: 1", "job.yaml:2: broken YAML: ")]
    [InlineData("a: b: c", "job.yaml:1: broken YAML: ")]
    [InlineData("\"unclosed", "job.yaml:")]
    public void Broken_yaml_is_told_in_one_line(string yaml, string start)
    {
        UserError error = Assert.Throws<UserError>(() => JobFile.Parse(yaml, "job.yaml"));
        Assert.StartsWith(start, error.Message, StringComparison.Ordinal);
        Assert.Contains("broken YAML: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Deep_and_long_texts_are_refused_before_they_hurt()
    {
        Assert.Contains("levels deep", Assert.Throws<UserError>(() => JobFile.Parse(new string('[', 1000), "job.yaml")).Message, StringComparison.Ordinal);
        Assert.Contains("too many", Assert.Throws<UserError>(() => JobFile.Parse(new string(' ', 1 << 21), "job.yaml")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_change_of_one_character_is_read_or_told_but_never_crashes()
    {
        string good = "version: 1\nmodel: { layers: [Flatten, { Dense: { units: 3, activation: relu } }] }\ntrain: { optimizer: { adam: 0.1 }, seed: 5 }\n";
        var random = new Random(1);
        const string Alphabet = "{}[]:,\"'#&*!|>%@`\n\t 0a-~?";
        for (int i = 0; i < 2000; i++)
        {
            char[] text = good.ToCharArray();
            text[random.Next(text.Length)] = Alphabet[random.Next(Alphabet.Length)];
            try
            {
                Assert.NotNull(JobFile.Parse(new string(text), "job.yaml"));
            }
            catch (UserError e)
            {
                Assert.StartsWith("job.yaml", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Missing_file_folder_and_empty_file_are_told_apart()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string file = Path.Combine(folder, "job.yaml");
            Assert.Equal($"{file}: there is no such job file", Assert.Throws<UserError>(() => JobFile.Load(file)).Message);
            Assert.Equal($"{folder}: is a folder; allowed: a job file", Assert.Throws<UserError>(() => JobFile.Load(folder)).Message);
            File.WriteAllText(file, "");
            Assert.Equal(new Job().ToYaml(), JobFile.Load(file).ToYaml());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
