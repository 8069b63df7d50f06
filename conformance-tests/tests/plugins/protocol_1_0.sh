#!/bin/sh
# A plugin as it was written for version 1.0 of the protocol. This file never changes: a
# host that cannot use it has broken the promise that old plugins go on working.
#
# It is a key store with one key, whose signature over anything is the number 1, after a
# question; a keyserver with nothing; and a selector of the first group.
while IFS= read -r request; do
    id=${request#*\"id\":}
    id=${id%%[!0-9]*}
    method=${request#*\"method\":\"}
    method=${method%%\"*}
    case $method in
    describe)
        answer='"ok":{"name":"frozen","version":"1","protocol":"1.0","provides":["key-store","keyserver","object-selector"]}' ;;
    find)
        answer='"ok":{"keys":[{"certificate":"CERTIFICATE","guard":"elsewhere","place":"a drawer"}]}' ;;
    signer)
        answer='"ok":{"key":"FINGERPRINT","hashes":["SHA512","SHA256"]}' ;;
    sign)
        answer='"need":{"token":"t1","ask":"passphrase","text":"PIN: ","key":"k","attempt":1}' ;;
    resume)
        case $request in
        *'"secret":"MTIzNA=="'*) answer='"ok":{"rsa":"AQ=="}' ;;
        *) answer='"error":{"kind":"locked","message":"no PIN","hint":"ask the desk"}' ;;
        esac ;;
    fetch) answer='"ok":{}' ;;
    search) answer='"ok":{"hits":[{"key":"0123456789ABCDEF","user_ids":["Ada"]}]}' ;;
    publish) answer='"ok":{"message":"thank you"}' ;;
    select) answer='"ok":{"selections":[{"group":1},{"group":1,"objects":[2]}]}' ;;
    *) answer='"error":{"kind":"unsupported","message":"unknown method"}' ;;
    esac
    printf '{"id":%s,%s}\n' "$id" "$answer"
done
