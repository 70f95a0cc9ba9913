using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("cifar", "CIFAR-10's binary version, plain or .gz: a folder of data_batch_*.bin and test_batch.bin, or one file. The file's planes of red, green and blue become pictures (height, width, channel), as PNG and Keras have them; PyTorch's are (channel, height, width).")]
public sealed record CifarJob : FormatJob
{
    internal override JobData Open(string path, Job job) => JobData.From(job, CifarSet.Open(path));
}
