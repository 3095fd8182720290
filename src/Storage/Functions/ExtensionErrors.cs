namespace Rqlite.Pg.Storage;

/// <summary>Gives what functions and tables throw the form of SQLite's errors; no exception may pass through it.</summary>
internal sealed class ExtensionErrors(StatementContext context, Func<Exception, SqlFunctionException?>? translate)
{
    /// <summary>The result code and message of a failure. Its SQLSTATE is kept for the statement that ends with it.</summary>
    public (int Code, string Message) Take(Exception exception)
    {
        switch (exception as SqlFunctionException ?? translate?.Invoke(exception) ?? exception)
        {
            case SqlFunctionException failure:
                context.Failure = failure;
                return (ResultCode.Error, failure.Message);
            case StorageException e:
                // The code tells whose failure it is.
                return (e.ResultCode, e.Message);
            case OutOfMemoryException e:
                return (ResultCode.NoMemory, e.Message);
            default:
                // The failure follows from the arguments and the tables, so it is the statement's.
                return (ResultCode.Error, exception.Message);
        }
    }

    public void Fail(in FunctionCall call, Exception exception)
    {
        var (code, message) = Take(exception);
        if (code == ResultCode.NoMemory)
        {
            call.FailWithoutMemory();
        }
        else
        {
            call.Fail(code, message);
        }
    }
}
