using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Tensors;
using DistTrain.Training;
using DistTrain.Training.Tests;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DistTrain.Hosting.Tests;

public class ServiceCollectionExtensionsTests
{
    [Fact]
    public async Task A_trainer_from_services_trains_as_its_configuration_says()
    {
        using ServiceProvider provider = Provider(
            ("DistTrain:Train:Epochs", "1"), ("DistTrain:Train:Batch", "8"), ("DistTrain:Train:Optimizer:adam:learning_rate", "0.01"), ("DistTrain:Run:Workers", "2"));
        TrainingRun run = await provider.GetRequiredService<Trainer>().FitAsync(new Sequential { new Flatten(), new Dense(3) }, TestTasks.Pictures(40));
        Assert.Equal(5, run.Done.Steps);
        Assert.Equal(2, run.Job.Run.Workers);
        Assert.Equal(0.01, Assert.IsType<AdamJob>(run.Job.Train.Optimizer).LearningRate);
    }

    [Fact]
    public void Code_comes_after_configuration_and_the_data_folder_is_known()
    {
        using ServiceProvider provider = Provider(("DistTrain:DataFolder", "sets"), ("DistTrain:Run:Servers", "2"));
        DistTrainOptions options = provider.GetRequiredService<IOptions<DistTrainOptions>>().Value;
        Assert.Equal((3, 2), (options.Run.Workers, options.Run.Servers));
        Assert.Equal("sets", provider.GetRequiredService<DataFolders>().Root);
    }

    [Theory]
    [InlineData("DistTrain:Run:Workers", "0", "DistTrain:Run:Workers: run.workers: found 0; allowed: a whole number from 1 to 1024")]
    [InlineData("DistTrain:Run:Wrokers", "2", "DistTrain:Run:Wrokers: run.Wrokers: unknown key; did you mean \"workers\"? ")]
    [InlineData("DistTrain:Model:Preset", "cnn", "DistTrain:Model:Preset: unknown key; allowed: Train:..., Run:... and DataFolder")]
    public void A_wrong_key_or_value_is_told_by_its_place_in_the_configuration(string key, string value, string expected)
    {
        using ServiceProvider provider = Provider((key, value));
        UserError error = Assert.Throws<UserError>(provider.GetRequiredService<Trainer>);
        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Provider(params (string Key, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();
        return new ServiceCollection()
            .AddDistTrain(configuration.GetSection("DistTrain"), options => options.Run = options.Run with { Workers = options.Run.Workers == 1 ? 3 : options.Run.Workers })
            .BuildServiceProvider();
    }
}
