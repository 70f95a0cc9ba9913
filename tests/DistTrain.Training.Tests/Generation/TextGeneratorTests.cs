using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Training.Tests;

public class TextGeneratorTests
{
    private const string Alphabet = "abcdefgh";

    /// <summary>A text that repeats the alphabet is learnt in a few steps, and written on from any place.</summary>
    [Theory]
    [InlineData("char-lstm")]
    [InlineData("char-gru")]
    public void A_character_model_writes_on_what_it_learnt(string preset)
    {
        using var folder = new TestFolder();
        Model model = Train(folder, preset);
        var options = new GenerationOptions { Temperature = 0 };
        Assert.Equal("defghabcdefgh", Write(model, "c", 13, options));
        Assert.Equal("bcde", Write(model, "fghabcdefgha", 4, options));
        Assert.Equal(Write(model, "c", 30, new GenerationOptions { Temperature = 5, Seed = 3 }), Write(model, "c", 30, new GenerationOptions { Temperature = 5, Seed = 3 }));
        Assert.NotEqual(Write(model, "c", 30, new GenerationOptions { Temperature = 5, Seed = 4 }), Write(model, "c", 30, new GenerationOptions { Temperature = 5, Seed = 3 }));
        Assert.Equal("defgh", Write(model, "c", 5, new GenerationOptions { Temperature = 5, TopK = 1 }));
        Assert.Throws<UserError>(() => new TextGenerator(model).Tokens("", 1, options));
        Assert.Contains("prompt:1:2", Assert.Throws<UserError>(() => new TextGenerator(model).Tokens("a?", 1, options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_something_else_writes_nothing()
    {
        TrainingTask task = TestTasks.Task("model: { layers: [Flatten, { Dense: 3 }] }");
        var model = new Model(task.Graph);
        model.Adopt(task, task.InitialWeights());
        Assert.Contains("next token", Assert.Throws<UserError>(() => new TextGenerator(model)).Message, StringComparison.Ordinal);
    }

    private static string Write(Model model, string prompt, int count, GenerationOptions options)
    {
        var generator = new TextGenerator(model);
        return generator.Tokenizer.Decode([.. generator.Tokens(prompt, count, options)]);
    }

    /// <summary>Through a folder, as a user would.</summary>
    private static Model Train(TestFolder folder, string preset)
    {
        string path = Path.Combine(folder.Path, "text.txt");
        File.WriteAllText(path, string.Concat(Enumerable.Repeat(Alphabet, 12)));
        Job job = JobFile.Parse(
            $"model: {{ preset: {preset} }}\ndata: {{ path: '{path}', format: {{ text: {{ context: 8 }} }} }}\ntrain: {{ steps: 30, batch: 8, slices: 1, optimizer: {{ adam: 0.01 }} }}");
        TrainingTask task = TrainingTask.Open(job, new DataFolders(null, folder.Path));
        var model = new Model(task.Graph);
        model.Adopt(task, new LocalTrainer(task).Run().Weights);
        model.Save(Path.Combine(folder.Path, "model"));
        return Model.Load(Path.Combine(folder.Path, "model"));
    }
}
