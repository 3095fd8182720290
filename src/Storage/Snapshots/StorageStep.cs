namespace Rqlite.Pg.Storage;

/// <summary>The points between two file operations where a crash leaves a different state behind; tests die at each of them.</summary>
internal enum StorageStep
{
    GenerationCreated,
    CheckpointStarting,
    CheckpointCopied,
    CheckpointSynced,
    WalResetting,
    WalReset,
    CopyStarting,
    CopyMainSent,
    CopySent,
    ReceiveMiddle,
    ReceiveVerified,
    ReceiveStaged,
    LoadWritten,
    LoadStaged,
    InstallMoved,
    CurrentWritten,
    CurrentRenamed,
    InstallSwapped,
    InstallFinished,
}
