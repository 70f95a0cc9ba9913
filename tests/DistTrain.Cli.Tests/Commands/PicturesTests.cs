using DistTrain.Data;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.Cli.Tests;

/// <summary>Models that make pictures: generators and auto-encoders.</summary>
public sealed class PicturesTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_generator_of_a_gan_makes_samples_that_another_model_reads()
    {
        await Train("gan", """
            model:
              gan:
                latent: 4
                generator: [ { Dense: { units: 784, activation: sigmoid } }, { Reshape: [28, 28, 1] } ]
                discriminator: [ Flatten, { Dense: 1 } ]
            data: { limit: 64 }
            train: { epochs: 1, batch: 16 }
            """);
        await Train("classes", CliRun.SmallJob);

        CliRun made = await CliRun.Of("predict", folder["gan"], "--generate", "6", "--pictures", folder["six.png"]);
        Assert.Equal((0, $"pictures     {folder["six.png"]} (6 of 28 x 28 pixels)\n"), (made.ExitCode, made.Output));
        await CliRun.Of("predict", folder["gan"], "--generate", "6", "--pictures", folder["six"]);
        CliRun read = await CliRun.Of("predict", folder["classes"], "--input", folder["six"], "--json");
        Assert.Equal(6, read.Json().Count);
        Assert.Equal(6, (await CliRun.Of("predict", folder["gan"], "--generate", "6", "--json")).Json().Count);

        // The same samples, but for what a byte a pixel rounds.
        float[] first = Model.Load(folder["gan"]).Generate(1);
        float[] pixels = new float[784];
        new PictureInput(28, 28, 1).ReadFile(folder["six"]).Read(0, pixels, []);
        Assert.All(first.Zip(pixels), pair => Assert.Equal(pair.First, pair.Second, 0.002));
    }

    [Fact]
    public async Task A_generator_takes_no_data_and_writes_no_text()
    {
        await Train("gan", """
            model:
              gan:
                latent: 4
                generator: [ { Dense: 784 }, { Reshape: [28, 28, 1] } ]
                discriminator: [ Flatten, { Dense: 1 } ]
            data: { limit: 16 }
            train: { epochs: 1, batch: 16 }
            """);
        foreach (string command in new[] { "predict", "evaluate" })
        {
            Assert.Equal("the model makes samples and takes none; allowed: predict with --generate, such as --generate 10\n", (await CliRun.Of(command, folder["gan"])).Error);
        }

        CliRun refused = await CliRun.Of("predict", folder["gan"], "--generate", "2", "--prompt", "a");
        Assert.Equal((2, "--prompt: found with a model that makes samples; allowed: with a model of text\n"), (refused.ExitCode, refused.Error));
    }

    [Fact]
    public async Task An_auto_encoder_shows_each_picture_above_what_it_makes_of_it()
    {
        await Train("encoder", """
            model: { layers: [ Flatten, { Dense: 8 }, { Dense: { units: 784, activation: sigmoid } } ] }
            data: { limit: 64, reconstruct: true }
            train: { epochs: 1, batch: 16 }
            """);
        string path = folder["pairs.png"];
        CliRun shown = await CliRun.Of("predict", folder["encoder"], "--limit", "20", "--pictures", path);
        Assert.Equal((0, $"pictures     {path} (20 of 28 x 28 pixels, each below its sample)\n"), (shown.ExitCode, shown.Output));

        // 16 in a row, samples and what was made of them in turns: four rows of pictures.
        float[] grid = new float[(4 * 30 - 2) * (16 * 30 - 2)];
        new PictureInput((4 * 30) - 2, (16 * 30) - 2, 1).ReadFile(path).Read(0, grid, []);
        float[] sample = new float[784];
        DigitsSet.Open().Test!.Read(16, sample, []);
        for (int y = 0; y < 28; y++)
        {
            Assert.Equal(sample[(y * 28)..((y + 1) * 28)], grid.AsSpan((60 + y) * ((16 * 30) - 2), 28).ToArray());
        }
    }

    [Fact]
    public async Task Predictions_that_are_no_pictures_are_told()
    {
        await Train("classes", CliRun.SmallJob);
        CliRun refused = await CliRun.Of("predict", folder["classes"], "--limit", "3", "--pictures", folder["three.png"]);
        Assert.Equal((2, "pictures: found samples (10); allowed: (height, width, 1) or (height, width, 3)\n"), (refused.ExitCode, refused.Error));
        Assert.False(File.Exists(folder["three.png"]));
    }

    private async Task Train(string name, string job)
    {
        File.WriteAllText(folder[name + ".yaml"], job);
        CliRun run = await CliRun.Of("train", folder[name + ".yaml"], "--out", folder[name], "--json");
        Assert.True(run.ExitCode == 0, run.Error);
    }
}
