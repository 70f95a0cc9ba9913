using DistTrain.Data;
using DistTrain.Tensors;
using DistTrain.Training;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DistTrain.Hosting;

/// <summary>Training in a program with dependency injection.</summary>
public static class ServiceCollectionExtensions
{
    private const string DataFolderKey = nameof(DistTrainOptions.DataFolder);

    /// <summary>Makes <see cref="Trainer"/>, <see cref="DataFolders"/> and <see cref="DistTrainOptions"/> available.</summary>
    /// <param name="services">Gets them; what is registered already stays.</param>
    /// <param name="section">Keys Train:..., Run:... and DataFolder, by the names and rules of a job: Run:Workers is run.workers. Null: defaults.</param>
    /// <param name="configure">Changes the options after that; null: nothing.</param>
    /// <returns>The same services.</returns>
    /// <remarks>A wrong key or value is a <see cref="UserError"/> when the options are first asked for.</remarks>
    /// <example><code>builder.Services.AddDistTrain(builder.Configuration.GetSection("DistTrain"));</code></example>
    public static IServiceCollection AddDistTrain(
        this IServiceCollection services, IConfiguration? section = null, Action<DistTrainOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<DistTrainOptions>().Configure(options =>
        {
            if (section is not null)
            {
                Bind(options, section);
            }

            configure?.Invoke(options);
        });
        services.TryAddSingleton(provider => DataFolders.For(Options(provider).DataFolder));
        services.TryAddTransient(provider => new Trainer(
            new TrainerOptions { Train = Options(provider).Train, Run = Options(provider).Run }, provider.GetService<ILogger<Trainer>>()));
        return services;
    }

    private static DistTrainOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<DistTrainOptions>>().Value;

    private static void Bind(DistTrainOptions options, IConfiguration section)
    {
        string prefix = section is IConfigurationSection named ? named.Path + ":" : "";
        var overlays = new JobOverlays();
        foreach ((string key, string? value) in section.AsEnumerable(makePathsRelative: true))
        {
            string[] parts = key.Split(':');
            if (string.IsNullOrEmpty(value) || key.Length == 0)
            {
                continue;
            }

            if (string.Equals(key, DataFolderKey, StringComparison.OrdinalIgnoreCase))
            {
                options.DataFolder = value;
            }
            else if (parts.Length > 1 && (IsSection(parts[0], nameof(Job.Train)) || IsSection(parts[0], nameof(Job.Run))))
            {
                overlays.AddFlag(prefix + key, string.Join('.', parts), value);
            }
            else
            {
                throw new UserError($"{prefix}{key}: unknown key; allowed: {nameof(Job.Train)}:..., {nameof(Job.Run)}:... and {DataFolderKey}");
            }
        }

        Job job = JobFile.Load(null, overlays);
        (options.Train, options.Run) = (job.Train, job.Run);
    }

    private static bool IsSection(string found, string name) => string.Equals(found, name, StringComparison.OrdinalIgnoreCase);
}
