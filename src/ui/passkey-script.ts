/**
 * What lets a form be answered by a passkey, in the browser. A form `data-passkey` carries what is asked of the device as JSON in
 * `data-options`, and is hidden until this shows it: where there is no script, no passkey or another host name, pages are complete
 * without. Its hidden field `response` takes the answer; the form is then sent like any other.
 */
export const PASSKEY_SCRIPT = `const bytes=t=>Uint8Array.from(atob(t.replace(/-/g,"+").replace(/_/g,"/")),c=>c.charCodeAt(0));
const text=b=>btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\\+/g,"-").replace(/\\//g,"_").replace(/=+$/,"");
const named=list=>(list??[]).map(one=>({...one,id:bytes(one.id)}));
async function answer(kind,asked){
  const publicKey={...asked,challenge:bytes(asked.challenge)};
  if(kind==="get"){
    const {id,rawId,type,response:r}=await navigator.credentials.get({publicKey:{...publicKey,allowCredentials:named(asked.allowCredentials)}});
    return{id,rawId:text(rawId),type,clientExtensionResults:{},response:{clientDataJSON:text(r.clientDataJSON),authenticatorData:text(r.authenticatorData),signature:text(r.signature),...(r.userHandle&&{userHandle:text(r.userHandle)})}};
  }
  const {id,rawId,type,response:r}=await navigator.credentials.create({publicKey:{...publicKey,user:{...asked.user,id:bytes(asked.user.id)},excludeCredentials:named(asked.excludeCredentials)}});
  return{id,rawId:text(rawId),type,clientExtensionResults:{},response:{clientDataJSON:text(r.clientDataJSON),attestationObject:text(r.attestationObject),transports:r.getTransports?.()??[]}};
}
for(const form of document.querySelectorAll("form[data-passkey]")){
  const asked=JSON.parse(form.dataset.options),site=asked.rpId??asked.rp.id,host=location.hostname;
  if(!window.PublicKeyCredential||!(host===site||host.endsWith("."+site)))continue;
  form.hidden=false;
  const failed=form.querySelector("[data-passkey-failed]");
  form.addEventListener("submit",async event=>{
    event.preventDefault();
    failed.hidden=true;
    try{form.elements.response.value=JSON.stringify(await answer(form.dataset.passkey,asked));form.submit();}
    catch{failed.hidden=false;}
  });
}
`;
