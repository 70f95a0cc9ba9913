using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("cifar", "CIFAR-10's binary version, plain or .gz: a folder of data_batch_*.bin and test_batch.bin, or one file.")]
public sealed record CifarJob : FormatJob
{
    internal override JobData Open(string path, Job job) => JobData.From(job, CifarSet.Open(path));
}
